#!/usr/bin/env bash
# pusher 3.3.4: `trigger_batch` writes into the events that it is given: it puts the encoded text in the place of `data`,
# and on an encrypted channel what it has encrypted. Whoever sends the same list again, because Pusher answered 503 or one
# event of it was found too long, sends those events encrypted twice. Pusher accepts that, and a subscriber's page decrypts
# once and is given ciphertext. On other channels nobody notices, since text is left as it is; nor with `trigger`, which
# writes into nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pusher==3.3.4 pynacl==1.6.2
"$folder/venv/bin/python" - <<'PYTHON'
import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import nacl.secret
from pusher import Pusher
from pusher.errors import PusherBadStatus

KEY, CHANNEL = bytes(range(32)), "private-encrypted-room"
received, statuses = [], [503, 200, 503, 200]


class Server(BaseHTTPRequestHandler):
    def do_POST(self):
        received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(statuses[len(received) - 1])
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def decrypted(text):
    its = json.loads(text)
    box = nacl.secret.SecretBox(hashlib.sha256(CHANNEL.encode() + KEY).digest())
    return json.loads(box.decrypt(base64.b64decode(its["ciphertext"]), base64.b64decode(its["nonce"])))


def send_twice(send):
    """What a subscriber decrypts of the call that is accepted, behind one that was not."""
    try:
        send()
    except PusherBadStatus:
        send()
    sent = received[-1]
    return decrypted(sent["batch"][0]["data"] if "batch" in sent else sent["data"])


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
key = base64.b64encode(KEY).decode()
port = server.server_port
pusher = Pusher("1", "key", "secret", ssl=False, host="127.0.0.1", port=port, encryption_master_key_base64=key)

data = {"seconds": 60}
one = send_twice(lambda: pusher.trigger(CHANNEL, "extended", data))
events = [{"channel": CHANNEL, "name": "extended", "data": data}]
many = send_twice(lambda: pusher.trigger_batch(events))
server.shutdown()
print(f"trigger, sent again: {one}")
print(f"trigger_batch, sent again: what was decrypted has the fields {sorted(many)}")
assert one == data
assert sorted(many) == ["ciphertext", "nonce"] and decrypted(json.dumps(many)) == data, "it leaves the events alone now"
PYTHON
echo "As it was."

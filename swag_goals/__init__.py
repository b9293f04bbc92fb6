"""swag_goals: more paid seconds for the viewers of a one-to-one live session.

The flow, in the order in which a request meets the folders::

    api/       PUT /goals/{goal_id}/extend: who asks, and in which words we answer
    services/  extend_goal: may it be extended, is it recorded
    documents/ goal, session, extension: what MongoDB holds, and the one atomic update
    jobs/      update_session_viewer_permissions on RQ, its worker, and the sweeper behind it
    events/    `stream.authorized` to each viewer's browser through Pusher Channels
    commands/  the same for operators, as `flask ...`
    console/   the live page of what runs, as static files
"""

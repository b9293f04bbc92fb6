// What the page's modules find in a browser, as far as the tests here need it. Import it before them.

class FakeElement {
  children = /** @type {any[]} */ ([]);
  attributes = /** @type {Record<string, string>} */ ({});
  dataset = {};
  textContent = '';
  style = { setProperty: (/** @type {string} */ name, /** @type {string} */ value) => this.setAttribute(name, value) };

  append(/** @type {any[]} */ ...children) {
    this.children.push(...children);
  }

  replaceChildren(/** @type {any[]} */ ...children) {
    this.children = children;
  }

  setAttribute(/** @type {string} */ name, /** @type {string} */ value) {
    this.attributes[name] = value;
  }
}

Object.assign(globalThis, {
  window: globalThis,
  self: globalThis,
  location: new URL('http://localhost/console?lang=en'),
  document: {
    body: {},
    location: new URL('http://localhost/'),
    createElement: () => new FakeElement(),
    addEventListener: () => {},
  },
  addEventListener: () => {},
});

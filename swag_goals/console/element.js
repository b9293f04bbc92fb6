/** The page's element of this id, of a type with whatever its tag may have. @returns {any} @param {string} id */
export const $ = (id) => document.getElementById(id);

/**
 * A new element with these attributes and children.
 * @template {keyof HTMLElementTagNameMap} Tag @param {Tag} tag @param {Record<string, unknown>} attributes
 * @param {(Node | string)[]} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** An id in few characters, its last ones, with all of it for who points at it. @param {string} id */
export function shortId(id) {
  return element('code', { title: id }, `…${id.slice(-6)}`);
}

/** An entry of a list of what happened to extensions. @param {Entry} entry @param {Node[]} rest */
export function entry({ status, id, what, chip }, ...rest) {
  const chips = [element('span', { class: 'chip' }, chip), ' ', shortId(id)];
  const summary = element('p', { class: 'summary' }, element('strong', {}, what), ' ', ...chips);
  return element('li', { 'data-status': status, 'data-id': id }, summary, ...rest);
}

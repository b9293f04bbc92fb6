/** A new element with these attributes and children. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** An id in few characters, its last ones, with all of it for who points at it. */
export function shortId(id) {
  return element('code', { title: id }, `…${id.slice(-6)}`);
}

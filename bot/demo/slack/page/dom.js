/** Building and rearranging elements; everything foreign goes in as text, never as markup. */

let counter = 0;

/** An id that no other element of the page has. */
export function freshId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/** An element with properties (`on…` are listeners, `dataset` is a map, the rest attributes) and children. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(node, name, value);
  node.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

function setProp(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "dataset") Object.assign(node.dataset, value);
  else if (name === "class") node.className = value;
  else node.setAttribute(name, value === true ? "" : value);
}

/** Set an attribute, or take it away when the value is null, undefined or false. */
export function attribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value === true ? "" : value);
}

/** Make `nodes` the children of `host`, moving only what is out of place, so that focus and caret survive. */
export function arrange(host, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...host.childNodes]) if (!wanted.has(child)) child.remove();
  let spot = host.firstChild;
  for (const node of nodes) {
    if (node === spot) spot = spot.nextSibling;
    else host.insertBefore(node, spot);
  }
}

const SAFE_SCHEMES = new Set(["http:", "https:", "mailto:", "tel:"]);

/** The address if a link may lead there, else null (a `javascript:` address never does). */
export function safeUrl(url) {
  try {
    const parsed = new URL(url, document.baseURI);
    return SAFE_SCHEMES.has(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/** A link that opens in another tab, or plain text when the address is not one to follow. */
export function link(url, ...label) {
  const href = safeUrl(url);
  if (href === null) return el("span", {}, ...label);
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...label);
}

/** Call `action` once, `delay` milliseconds after the last time it was asked for. */
export function debounced(action, delay) {
  let timer = null;
  const later = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(action, delay, ...args);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

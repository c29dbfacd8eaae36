// Making elements: text always goes in as text.

const SVG = "http://www.w3.org/2000/svg";

export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// The arrow of a trend, in the colour of the text around it.
export function arrow(shape) {
  const path = "M3 12 H20 M13 5 L20 12 L13 19";
  const one = (shift) => svg("path", { d: path, transform: `translate(${shift} 0)` });
  const wide = shape.count > 1;
  return svg(
    "svg",
    { class: "arrow", viewBox: wide ? "-4 -4 32 32" : "0 0 24 24", "aria-hidden": "true" },
    svg(
      "g",
      { transform: `rotate(${shape.degrees} 12 12)`, fill: "none", stroke: "currentColor", "stroke-width": 3 },
      ...(wide
        ? [svg("g", { transform: "translate(0 -6)" }, one(0)), svg("g", { transform: "translate(0 6)" }, one(0))]
        : [one(0)]),
    ),
  );
}

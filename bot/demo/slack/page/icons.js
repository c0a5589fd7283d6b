/** The few line icons of the page, drawn as SVG elements. */

const PATHS = {
  hash: ["M5 9h14M4 15h14M10 4 8 20M16 4l-2 16"],
  lock: ["M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3"],
  home: ["M4 11.5 12 5l8 6.5M6.5 10v9h11v-9"],
  bolt: ["M13 3 5 13.5h6L10.5 21 19 10h-6.5z"],
  send: ["M4 12 20 5l-5 15-3.5-6.5zM11.5 13.5 20 5"],
  close: ["M6 6l12 12M18 6 6 18"],
  back: ["M14.5 5.5 8 12l6.5 6.5"],
  caret: ["M7 10l5 5 5-5"],
  eye: [
    "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z",
    "M12 9.3a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4z",
  ],
  reply: ["M4.5 5h15v11h-8l-4 3.5V16h-3z"],
  menu: ["M4 7h16M4 12h16M4 17h16"],
  help: [
    "M9 9.2a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 1.9",
    "M12 17.2v.1",
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  ],
  window: ["M4 8h11v11H4zM9 8V5h11v11h-5"],
  dots: ["M6 12h.01M12 12h.01M18 12h.01"],
  file: ["M7 3.5h7l4 4v13H7zM14 3.5v4h4"],
  down: ["M12 5v14M6 13l6 6 6-6"],
  robot: [
    "M5.5 9h13v9.5h-13zM12 9V5M9.3 13v1.2M14.7 13v1.2M3 12.5v3M21 12.5v3",
    "M12 3.6a1 1 0 1 0 0 2 1 1 0 0 0 0-2z",
  ],
};

const SVG = "http://www.w3.org/2000/svg";

/** An icon by its name; it carries no meaning of its own for a screen reader. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  for (const d of PATHS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

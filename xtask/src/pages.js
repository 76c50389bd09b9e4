// Put at the end of a page: tells the page around it what is wrong.
addEventListener("load", () => {
  const faults = [];
  // To look at a table that is too wide for a telephone one may scroll it; on a desktop nothing is to be scrolled sideways.
  const may_scroll = innerWidth < 800;
  if (document.documentElement.scrollWidth > innerWidth) {
    faults.push(`the page is ${document.documentElement.scrollWidth} wide`);
  }
  for (const element of document.body.querySelectorAll("*")) {
    const name = element.id || element.getAttribute("aria-label") || element.tagName;
    if (element instanceof SVGTextElement) {
      const [text, frame] = [element, element.ownerSVGElement].map((e) => e.getBoundingClientRect());
      if (text.left < frame.left - 1 || text.right > frame.right + 1 || text.top < frame.top - 1 || text.bottom > frame.bottom + 1) {
        faults.push(`a drawing cuts "${element.textContent.slice(0, 40)}" off`);
      }
    } else if (!(element instanceof SVGElement) && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1) {
      const overflow = getComputedStyle(element).overflowX;
      if (overflow !== "visible" && !(may_scroll && overflow === "auto")) {
        faults.push(`${name} shows ${element.clientWidth} of ${element.scrollWidth}`);
      }
    }
  }
  for (const { name } of performance.getEntriesByType("resource")) faults.push(`asks for ${name}`);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  parent.postMessage(JSON.stringify({ width: innerWidth, dark, faults }), "*");
});

// What is wrong with the page as it is shown: a list of sentences. Arguments: least contrast, least pixels of letters.
const [CONTRAST, LETTERS] = arguments;
const faults = [];
const short = element => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""} “${element.textContent.trim().slice(0, 40)}”`;
const shown = element => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
const printed = matchMedia("print").matches;
const isBox = element => element.matches(".scroll") && !printed;

// Nothing is wider than its place, unless it scrolls, says so, and can be scrolled by keyboard.
if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is ${document.documentElement.scrollWidth} wide`);
const everything = [...document.body.querySelectorAll("*")].filter(shown);
for (const element of everything) {
  const style = getComputedStyle(element);
  if (element.scrollWidth > element.clientWidth + 1 && /auto|scroll|hidden/.test(style.overflowX) && element.clientWidth) {
    if (style.overflowX === "hidden") faults.push(`cut: ${short(element)}`);
    else if (element.tabIndex < 0 || !element.getAttribute("aria-label")) faults.push(`scrolls unseen or not by keyboard: ${short(element)}`);
    else if (!style.backgroundImage.includes("gradient")) faults.push(`scrolls without a hint: ${short(element)}`);
  }
  if (element.matches("th, td, .panel, p, summary") && element.scrollWidth > element.clientWidth + 1 && style.overflowX === "visible")
    faults.push(`runs out of its place: ${short(element)}`);
  if (!element.closest("svg *") && !element.parentElement.closest(".scroll") | printed) {
    const box = element.getBoundingClientRect();
    if (box.right > innerWidth + 1 || box.left < -1) faults.push(`off the page: ${short(element)}`);
  }
}

// Words of figures lie within them, apart from each other, and are large enough.
for (const svg of document.querySelectorAll("svg")) {
  if (!shown(svg)) continue;
  const place = svg.getBoundingClientRect(), scale = svg.getScreenCTM().a;
  const texts = [...svg.querySelectorAll("text")].map(text => [text, text.getBoundingClientRect()]);
  texts.forEach(([text, box], i) => {
    if (box.left < place.left - 2 || box.right > place.right + 2 || box.top < place.top - 3 || box.bottom > place.bottom + 3)
      faults.push(`cut by its figure: ${short(text)}`);
    const size = parseFloat(getComputedStyle(text).fontSize) * scale;
    if (size < LETTERS) faults.push(`letters of ${size.toFixed(1)} pixels: ${short(text)}`);
    for (const [other, its] of texts.slice(i + 1)) {
      const wide = Math.min(box.right, its.right) - Math.max(box.left, its.left);
      const high = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
      if (wide > 1 && high > 3) faults.push(`run together: ${short(text)} and ${short(other)}`);
    }
  });
}

// Words of headings, heads and row names are whole.
for (const element of document.querySelectorAll("h1, h2, h3, th, .head, .below, summary, .choice")) {
  if (!shown(element)) continue;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    for (const found of node.data.matchAll(/[^\s\u00ad-]+/g)) {
      const range = document.createRange();
      range.setStart(node, found.index);
      range.setEnd(node, found.index + found[0].length);
      const tops = new Set([...range.getClientRects()].map(rect => Math.round(rect.top)));
      if (tops.size > 1 && found[0].length < 24) faults.push(`broken: “${found[0]}” of ${short(element)}`);
    }
  }
}

// Words stand out from what is behind them.
const numbers = colour => (colour.match(/[\d.]+/g) ?? []).map(Number);
const light = colour => {
  const [r, g, b] = colour.map(part => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = element => {
  for (let part = element; part; part = part.parentElement) {
    const [r, g, b, a = 1] = numbers(getComputedStyle(part).backgroundColor);
    if (a === 1) return [r, g, b];
  }
  return [255, 255, 255];
};
for (const element of printed ? [] : everything) {
  const words = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  if (!words || element.matches("title, script, style, option")) continue;
  const style = getComputedStyle(element);
  const ink = numbers(element instanceof SVGElement ? style.fill : style.color);
  const [a, b] = [light(ink.slice(0, 3)), light(behind(element))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < CONTRAST) faults.push(`contrast ${ratio.toFixed(2)}: ${short(element)}`);
}
return [...new Set(faults)];

// What is wrong with the page that is open, by kind; each value is a list of sentences, empty when all is well.
() => {
  const found = {alt: [], headings: [], wide: [], maths: [], contrast: [], links: []};
  const name = (node) => `<${node.tagName.toLowerCase()}${node.id ? " id=" + node.id : ""} class="${node.getAttribute("class") || ""}">`;

  const visible = (node) => {
    const box = node.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && node.checkVisibility({opacityProperty: true, visibilityProperty: true});
  };

  for (const image of document.querySelectorAll("img")) {
    const alt = (image.getAttribute("alt") || "").trim();
    if (!alt || /(\.\.?\/|_images|\.(png|jpe?g|svg|gif))/i.test(alt)) found.alt.push(`${image.src.slice(0, 80)}: alt is "${alt}"`);
    if (image.complete && !image.naturalWidth) found.alt.push(`${image.src.slice(0, 80)}: not loaded`);
  }

  const headings = [...document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")].filter(visible);
  const ones = headings.filter((heading) => heading.tagName === "H1").length;
  if (ones !== 1) found.headings.push(`${ones} headings of level 1`);
  let before = 0;
  for (const heading of headings) {
    const level = Number(heading.tagName[1]);
    if (level > before + 1) found.headings.push(`"${heading.innerText}" has level ${level} after ${before}`);
    before = level;
  }

  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    found.wide.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`);
    for (const node of document.querySelectorAll("main *")) {
      if (visible(node) && node.getBoundingClientRect().right > root.clientWidth + 1) found.wide.push(name(node));
    }
  }

  for (const formula of document.querySelectorAll(".math")) {
    if (!formula.querySelector("mjx-container")) found.maths.push(`not typeset: ${formula.textContent.slice(0, 60)}`);
  }
  for (const error of document.querySelectorAll("mjx-merror, [data-mjx-error]")) {
    found.maths.push(`error: ${error.getAttribute("data-mjx-error") || error.textContent}`);
  }

  for (const link of document.querySelectorAll("a[href], button")) {
    const words = (link.innerText + (link.getAttribute("aria-label") || "") + (link.title || "") +
      [...link.querySelectorAll("[alt], [title], [aria-label]")].map((part) => part.alt || part.title || part.getAttribute("aria-label")).join("")).trim();
    if (!words && visible(link)) found.links.push(`${name(link)} says nothing`);
  }

  // Contrast, WCAG 2.2, 1.4.3: 4.5 to 1, and 3 to 1 for large text.
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const known = new Map();
  const rgba = (colour) => {
    if (!known.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const luminance = (colour) => {
    const [r, g, b] = colour.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") return null;
      const colour = rgba(style.backgroundColor);
      layers.push(colour);
      if (colour[3] === 1) break;
    }
    const page = matchMedia("(prefers-color-scheme: dark)").matches && getComputedStyle(root).colorScheme.includes("dark") ? [18, 18, 18, 1] : [255, 255, 255, 1];
    return layers.reverse().reduce((below, top) => over(top, below), page);
  };
  const said = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || ["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE"].includes(node.tagName)) continue;
    if (!visible(node) || node.closest("mjx-assistive-mml, [aria-hidden=true], .visually-hidden, .sr-only")) continue;
    const style = getComputedStyle(node);
    const behind = background(node);
    if (!behind) continue;
    let opacity = 1;
    for (let at = node; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    const ink = rgba(style.color);
    const front = over([ink[0], ink[1], ink[2], ink[3] * opacity], behind);
    const [low, high] = [luminance(front), luminance(behind)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) {
      const line = `${name(node)} ${style.color} on rgb(${behind.slice(0, 3).map(Math.round)}): ${ratio.toFixed(2)}`;
      if (!said.has(line)) found.contrast.push(`${line}: "${walker.currentNode.textContent.trim().slice(0, 40)}"`);
      said.add(line);
    }
  }
  return found;
}

// A deck: its keys, the layout of each slide, and the handout. It comes after reveal.js, panels.js and all slides.

// Keys and swipes are the deck's, also after a pointer has touched a widget. A widget that Tab has led to has those it
// needs, until Escape or Tab; a clicker's keys lead on all the same. What takes touches itself says so in its style.
const needed = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Enter", " ", "Escape"];
const inWidget = (element) => element.parentElement?.closest(".jp-OutputArea-output:has(script[type*=widget-view])");
const isText = (element) => element.matches("input:not([type=checkbox]), textarea, select, [contenteditable=true]");

addEventListener(
  "keydown",
  (event) => {
    // before the widget sees it
    const { key, target } = event;
    if (target.matches("[contenteditable=true]") && ["Enter", "Escape"].includes(key)) {
      event.preventDefault();
      event.stopPropagation();
      target.blur();
    }
    if (!inWidget(target)) return;
    const move = { PageDown: Reveal.next, PageUp: Reveal.prev }[key];
    if (move) {
      event.stopPropagation();
      event.preventDefault();
      move();
    }
    if (move || key === "Escape" || (key === "Enter" && isText(target))) setTimeout(() => target.blur());
  },
  true,
);
const leaveKeys = () =>
  setTimeout(() => {
    const { activeElement } = document;
    if (inWidget(activeElement) && !isText(activeElement)) activeElement.blur();
  });
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, leaveKeys, true);
addEventListener(
  "touchstart",
  ({ target }) => {
    for (let part = target; part && getComputedStyle(part).touchAction === "none"; part = part.parentElement)
      part.dataset.preventSwipe = "";
  },
  true,
);

// The name and the date on the title slide: typed once, for all decks.
for (const place of document.querySelectorAll(".by")) {
  const key = "vae_helpers decks: name, place and date";
  try {
    place.textContent = localStorage.getItem(key) || place.textContent;
    place.addEventListener("input", () => localStorage.setItem(key, place.textContent.trim()));
  } catch {} // a page may forbid its own storage
}

// The layout: letters as large as there is room for; a picture beside its text or above it, as is larger.
const slides = [...document.querySelectorAll(".reveal .slides section[data-kind]")].filter(
  (section) => !section.querySelector("section"),
);
const SIZES = [40, 37, 34, 32, 30, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18];
const ZOOMS = [1.9, 1.75, 1.6, 1.5, 1.4, 1.3, 1.25, 1.2, 1.15, 1.1, 1.05, 1, 0.95, 0.9, 0.85, 0.8, 0.7];
const LARGEST = { code: 28, quiz: 28, answers: 37, title: 26, last: 32, agenda: 37 };

function fit(slide) {
  const body = slide.querySelector(":scope > .columns, :scope > .flow") ?? slide;
  const kind = slide.dataset.kind;
  const panel = slide.querySelector(".jp-OutputArea-output.jupyter-widgets:has(.stage, .latent-map, .prediction)");
  const setSize = (size) => slide.style.setProperty("--size", `${size}px`);
  const setZoom = (zoom) => panel?.style.setProperty("zoom", zoom);
  const overflows = () => {
    const limit = slide.clientHeight - parseFloat(getComputedStyle(slide).paddingBottom) + 1;
    return (
      slide.scrollHeight > slide.clientHeight + 1 ||
      [slide, body, ...body.children, ...slide.querySelectorAll(".MJXc-display, table")].some((part) => part.scrollWidth > part.clientWidth + (part.matches(".MJXc-display") ? 20 : 2)) ||
      [body, ...body.children].some((part) => part.offsetTop + part.scrollHeight > limit) ||
      [...slide.querySelectorAll(".highlight pre")].some(isBroken)
    );
  };
  const settle = (sizes, set) => firstThatFits(sizes, set, () => !overflows()) ?? sizes.at(-1) / 2; // it does not fit
  const largest = LARGEST[kind] ?? 40;
  const sizes = SIZES.filter((size) => size <= largest);
  const layouts = body.matches(".columns") && kind !== "title" ? ["beside", "below"] : [""];
  slide.style.removeProperty("--spacing");
  const tried = layouts.map((layout) => {
    body.dataset.layout = layout;
    if (panel) {
      setSize(22);
      return { layout, zoom: settle(ZOOMS, setZoom), score: settle(ZOOMS, setZoom) };
    }
    const size = settle(layout ? sizes.filter((size) => size <= 28) : sizes, setSize);
    const seen = pictureArea(slide);
    return { layout, size, score: (seen || 1) * (size < 18 ? 0.01 : 1) * (size / 28) };
  });
  const best = tried.reduce((a, b) => (b.score > 1.05 * a.score ? b : a));
  body.dataset.layout = best.layout;
  if (panel) {
    setZoom(Math.max(ZOOMS.at(-1), best.zoom));
    if (best.zoom >= 1.1 || !layouts.includes("below")) return;
    body.dataset.layout = "alone"; // the notes have its words
    const alone = settle(ZOOMS, setZoom);
    const isReadable = best.zoom < 1 && alone >= 1; // as only then are letters large enough
    if (isReadable || alone > 1.15 * best.zoom || alone > best.zoom + 0.15) return;
    body.dataset.layout = best.layout;
    setZoom(Math.max(ZOOMS.at(-1), best.zoom));
  } else {
    setSize(Math.max(18, best.size));
    if (best.size < 18) slide.style.setProperty("--spacing", "-0.7px"); // for the longest lines of code
  }
}

/** The area of the pictures and tables of a slide. */
function pictureArea(slide) {
  return [...slide.querySelectorAll(".main img")].reduce((sum, picture) => {
    const { naturalWidth, naturalHeight, clientWidth, clientHeight } = picture;
    const scale = Math.min(clientWidth / (naturalWidth || 1), clientHeight / (naturalHeight || 1));
    return sum + scale ** 2 * naturalWidth * naturalHeight;
  }, 0);
}

/** Whether code has lines that are broken. */
function isBroken(pre) {
  const lines = pre.textContent.replace(/\n+$/, "").split("\n").length;
  const range = document.createRange();
  range.selectNodeContents(pre);
  const scale = pre.getBoundingClientRect().width / (pre.offsetWidth || 1) || 1;
  return range.getBoundingClientRect().height / scale > (lines + 0.7) * parseFloat(getComputedStyle(pre).lineHeight);
}

/** Leave of each formula in the notes its MathML: the speaker's window has no style that hides one of the two. */
function plainNotes() {
  for (const formula of document.querySelectorAll("aside.notes .MathJax_CHTML"))
    formula.replaceWith(formula.querySelector("math") ?? "");
  for (const rest of document.querySelectorAll("aside.notes :is(script, .MathJax_Preview)")) rest.remove();
}

async function layOut() {
  await new Promise((resolve) => (window.MathJax ? MathJax.Hub.Queue(resolve) : resolve()));
  plainNotes();
  await document.fonts?.ready;
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  slides.forEach(fit);
  for (const view of document.querySelectorAll(".reveal .jupyter-widgets:has(> script[type*=widget-view])"))
    whileDrawn(view, () => fit(view.closest("section")));
  document.documentElement.dataset.laidOut = "yes";
}

// On paper every slide is a page; with `notes`, what the speaker says stands below each.
const paper = ["handout", "print-pdf"]; // with the second, reveal.js leaves out its own style for paper
const asked = new URLSearchParams(location.search);
/** Put only some slides on paper: the time that Chromium takes for a PDF grows with the square of its pages. */
function showOnly(from, to) {
  slides.forEach((slide, k) => {
    slide.classList.toggle("off-paper", k < from || k >= to);
    slide.classList.toggle("last-on-paper", k === to - 1);
  });
  for (const section of document.querySelectorAll(".slides > section:has(> section)"))
    section.classList.toggle("off-paper", !section.querySelector("section:not(.off-paper)"));
  document.querySelector(".slides").style.counterReset = `page ${from}`;
}
function addNotes() {
  document.documentElement.classList.add("with-notes");
  document.head.append(Object.assign(document.createElement("style"), { textContent: "@page { size: 1280px 1180px }" }));
}
if (asked.has("handout") || asked.has("print-pdf")) {
  document.documentElement.classList.add(...paper);
  if (asked.has("notes")) addNotes();
} else {
  Reveal.initialize({
    navigationMode: "linear", // the right arrow shows every slide
    keyboardCondition: ({ key, target }) => !inWidget(target) || !(needed.includes(key) || isText(target)),
    width: 1280,
    height: 720,
    margin: 0,
    center: false,
    hash: true,
    slideNumber: "c/t",
    transition: "none",
    plugins: [RevealNotes],
    viewDistance: 1000,
    mobileViewDistance: 1000, // all slides are laid out from the start: formulas get their sizes
  });
  addEventListener("beforeprint", () => document.documentElement.classList.add(...paper));
  addEventListener("afterprint", () => document.documentElement.classList.remove(...paper));
}
layOut();

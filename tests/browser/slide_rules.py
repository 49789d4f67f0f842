"""What every slide of a deck must be, however large the projector: looked at in the browser, slide by slide."""

RULES = """() => [...document.querySelectorAll("section[data-kind]:not(:has(> section))")].map((slide, number) => {
    const frame = slide.getBoundingClientRect(), scale = frame.height / slide.offsetHeight, wrong = [];
    const unseen = "aside.notes, .MJX_Assistive_MathML, script, style";
    const inSlide = (box) => ({ top: (box.top - frame.top) / scale, bottom: (box.bottom - frame.top) / scale,
        left: (box.left - frame.left) / scale, right: (box.right - frame.left) / scale });
    if (!slide.querySelector("h1, h2")?.innerText.trim()) wrong.push("no heading");
    let lowest = 0, words = 0;
    const written = [];
    const texts = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const { data, parentElement: parent } = texts.currentNode, range = document.createRange();
        if (!data.trim() || parent.closest(unseen)) continue;
        range.selectNodeContents(texts.currentNode);
        const box = inSlide(range.getBoundingClientRect());
        if (box.bottom - box.top <= 0) continue;
        lowest = Math.max(lowest, box.bottom);
        if (!parent.closest(".mjx-chtml, svg, .jupyter-widgets"))
            written.push(...[...range.getClientRects()].map(inSlide).map((line) => ({ ...line, of: data.trim() })));
        const zoom = parent.currentCSSZoom ?? 1, letters = parseFloat(getComputedStyle(parent).fontSize) * zoom;
        const drawn = parent.closest("svg, figcaption");
        if (!parent.closest(".mjx-chtml") && letters < (drawn ? 14 : 18) - 0.05)
            wrong.push(`letters of ${letters.toFixed(1)} px: ${data.trim().slice(0, 30)}`);
        if (!parent.closest("pre, table, h1, h2, .mjx-chtml, .jupyter-widgets, .by"))
            words += data.trim().split(/\\s+/).length;
    }
    for (const part of slide.querySelectorAll("*")) {
        if (part.closest(unseen)) continue;
        const box = inSlide(part.getBoundingClientRect());
        if (box.right - box.left < 1 || box.bottom - box.top < 1) continue;
        if (part.matches("img, canvas, .jp-InputArea-editor")) lowest = Math.max(lowest, box.bottom);
        if (box.left < -1 || box.top < -1 || box.right > 1281 || box.bottom > 721)
            wrong.push(`${part.tagName}.${part.className} ends at ${Math.round(box.right)}, ${Math.round(box.bottom)}`);
        if (part.matches("pre, table, .MJXc-display") && part.scrollWidth > part.clientWidth + 20)
            wrong.push(`${part.tagName}.${part.className} is cut off at its side`);
    }
    const onEachOther = (one, other) =>
        Math.min(one.right, other.right) - Math.max(one.left, other.left) > 4 &&
        Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 9;
    written.forEach((one, k) => written.slice(k + 1).forEach((other) =>
        onEachOther(one, other) && wrong.push(`text on text: ${one.of.slice(0, 20)} / ${other.of.slice(0, 20)}`)));
    if (words > 60) wrong.push(`${words} words`);
    if (lowest < 0.55 * 720 || lowest > 0.92 * 720) wrong.push(`filled to ${Math.round(lowest / 7.2)} %`);
    if (lowest > 672) wrong.push("something stands in the lower band");
    for (const code of slide.querySelectorAll(".highlight pre")) {
        const range = document.createRange(), lines = code.textContent.replace(/\\n+$/, "").split("\\n").length;
        range.selectNodeContents(code);
        const line = parseFloat(getComputedStyle(code).lineHeight);
        if (range.getBoundingClientRect().height / scale > (lines + 0.7) * line)
            wrong.push("a line of code is broken");
    }
    for (const output of slide.querySelectorAll(".jp-OutputArea-output pre"))
        if (/: (True|False)$/m.test(output.innerText)) wrong.push("a line of a test");
    for (const picture of slide.matches("[data-kind=title]") ? [] : slide.querySelectorAll(".main img"))
        if (picture.height < 0.6 * picture.naturalHeight) wrong.push("a picture has shrunk below 60 %");
    return [`${number + 1}: ${slide.querySelector("h1, h2")?.innerText.slice(0, 40)}`, [...new Set(wrong)]];
}).filter(([, wrong]) => wrong.length)"""


# whether the panels have come, and all slides have the sizes that they had when this was asked before
SETTLED = """() => {
    const sizes = [...document.querySelectorAll("section[data-kind]")].map((slide) => slide.style.cssText +
        [...slide.querySelectorAll(".jupyter-widgets")].map((panel) => panel.style.zoom)).join();
    const same = window.sizesBefore === sizes;
    window.sizesBefore = sizes;
    const views = [...document.querySelectorAll(".jupyter-widgets:has(> script[type*=widget-view])")];
    const there = views.every((view) => view.querySelector(".stage, .latent-map, .prediction"));
    return same && there && document.documentElement.dataset.laidOut;
}"""

# the slides that the right arrow visits, by their numbers
WALK = """() => {
    const visited = [], right = { key: "ArrowRight", keyCode: 39, bubbles: true };
    for (let k = 0; k < 1000 && (visited.at(-1) ?? -1) < Reveal.getTotalSlides() - 1; k++) {
        const place = Reveal.getSlidePastCount();
        if (place !== visited.at(-1)) visited.push(place);
        document.body.dispatchEvent(new KeyboardEvent("keydown", right));
    }
    return visited;
}"""


def settle(page):
    """Wait until panels have come and slides are laid out around them."""
    page.wait_for_function(SETTLED, polling=300)


def faults(page):
    """What is wrong with the slides of a deck, {slide: [what, ...], ...}."""
    return dict(page.evaluate(RULES))

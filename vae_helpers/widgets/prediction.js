// A question with answers to choose from. The choice stays in the browser. shared.js comes before it.

function render({ model, el }) {
  const [question, answers] = [model.get("question"), model.get("answers")];
  const key = `vae_helpers prediction: ${question}`;
  const root = element("div", el, { class: "prediction", role: "group", "aria-label": `Predict: ${question}` });
  const line = element("p", root);
  element("b", line, {}, "Predict. ");
  line.append(question);
  const row = element("div", root, { class: "answers" });
  const buttons = answers.map((answer) => element("button", row, { type: "button" }, answer));
  const note = element("p", root, { class: "note", "aria-live": "polite" });

  buttons.forEach((button, i) => {
    button.addEventListener("click", () => {
      remember(key, answers[i]);
      model.set("choice", answers[i]);
      model.save_changes();
      show();
    });
  });
  const show = () => {
    const choice = model.get("choice");
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(answers[i] === choice)));
    note.textContent = choice ? "Noted. Now see what comes next." : "";
  };
  const kept = recall(key);
  if (!model.get("choice") && answers.includes(kept)) {
    model.set("choice", kept);
    model.save_changes();
  }
  return follow(model, { choice: show });
}

// A page may forbid its own storage; then a choice lasts as long as the page.
function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {}
}

function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export default { render };

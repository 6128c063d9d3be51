// A key of the queue presses the button that shows it; a decision with a reason opens first.
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  const opened = event.key === "Escape" && event.target.closest("details[data-key][open]");
  if (opened) {
    opened.open = false;
    opened.querySelector("summary").focus();
  } else if (event.key === "Escape" && isTyping) {
    isTyping.blur();
  }
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.repeat) {
    return;
  }
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) {
    return;
  }
  event.preventDefault();
  if (target.matches("details")) {
    target.open = true;
    target.querySelector("select, textarea").focus();
  } else {
    target.click();
  }
});

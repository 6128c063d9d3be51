// On a phone tabs, shelves and orders are strips: bring the current one into each.
for (const current of document.querySelectorAll(":is(.tabs, .subnav, .facets, .sorts) [aria-current]")) {
  const strip = current.closest("ol, ul, .sorts");
  strip.scrollLeft = current.offsetLeft - strip.clientWidth / 3;
}

// On a desk the home page starts in its search field; on a phone that would open the keyboard.
if (matchMedia("(min-width: 60rem) and (hover: hover)").matches) {
  document.querySelector("[data-focus]")?.focus();
}

// A bookmark is kept without leaving the page; when that fails, the form is sent as ever.
document.addEventListener("submit", async (event) => {
  const { target: form, submitter: button } = event;
  if (!form.matches("[data-quiet]") || !button?.value) return;
  event.preventDefault();
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: button.name, value: button.value });
  const answer = await fetch(form.action, {
    method: "POST", body: new FormData(form, button), headers: { "X-Quiet": "1" }, redirect: "error",
  }).catch(() => null);
  if (!answer?.ok) {
    form.append(field);
    form.submit();
    return;
  }
  const isKept = button.name === "add";
  button.name = isKept ? "remove" : "add";
  button.setAttribute("aria-pressed", String(isKept));
});

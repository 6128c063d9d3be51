// On a phone the tabs are a strip: bring the current one into it.
const current = document.querySelector(".tabs [aria-current]");
if (current) {
  const strip = current.closest("ol");
  strip.scrollLeft = current.offsetLeft - strip.clientWidth / 3;
}

// On a desk the home page starts in its search field; on a phone that would open the keyboard.
if (matchMedia("(min-width: 60rem) and (hover: hover)").matches) {
  document.querySelector("[data-focus]")?.focus();
}

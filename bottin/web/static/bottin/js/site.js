// On a phone the tabs are a strip: bring the current one into it.
const current = document.querySelector(".tabs [aria-current]");
if (current) {
  const strip = current.closest("ol");
  strip.scrollLeft = current.offsetLeft - strip.clientWidth / 3;
}

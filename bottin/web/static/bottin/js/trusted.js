// htmx puts the HTML of our own pages into the page. Browsers that enforce trusted types let it
// through this policy; scripts and script addresses have no policy, so those sinks stay shut.
if (window.trustedTypes && !trustedTypes.defaultPolicy) {
  trustedTypes.createPolicy("default", { createHTML: (html) => html });
}

// Before the first paint: what was chosen on an earlier visit. A file of its own, because the page's policy allows
// no script inside the document. The rest is in the page's theme and settings modules.
(function () {
  try {
    var choice = localStorage.getItem('nearside-theme');
    if (choice === 'light' || choice === 'dark') document.documentElement.dataset.theme = choice;
    // Local-only is a document of its own, whose policy lets nothing out: nothing may be loaded here before.
    if (location.pathname === '/' && localStorage.getItem('nearside-mode') === 'local-only') {
      location.replace('/local/' + location.hash);
    }
  } catch (blocked) {
    // No storage, no choice: the system's theme holds, and the engine knows the mode.
  }
})();

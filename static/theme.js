// Before the first paint: a theme that was chosen on an earlier visit. A file of its own, because the page's
// policy allows no script inside the document. The rest is in the page's theme module.
(function () {
  try {
    var choice = localStorage.getItem('nearside-theme');
    if (choice === 'light' || choice === 'dark') document.documentElement.dataset.theme = choice;
  } catch (blocked) {
    // No storage, no choice: the system's theme holds.
  }
})();

/** The style sheet of the views that come later: the document names it, and it is put to use when one of them is wanted. */

/** @type {Promise<void> | null} */
let loading = null;

/** Resolves when the sheet applies; where it cannot be had now, the views come without it, and the next one tries again. */
export function laterStyles() {
  loading ??= new Promise((resolve) => {
    const link = /** @type {HTMLLinkElement} */ (document.querySelector('#later'));
    link.addEventListener('load', () => resolve(), { once: true });
    link.addEventListener(
      'error',
      () => {
        loading = null;
        link.rel = 'later'; // a word that no browser acts on: Firefox counts prefetch as default-src, which is 'none'
        resolve();
      },
      { once: true },
    );
    link.rel = 'stylesheet';
  });
  return loading;
}

/** What the site's page puts on `window`. */
interface Window {
  nearside: any;
  [name: string]: any;
}

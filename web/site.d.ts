/** What an entry may know about the built site: the virtual module that web/build.mjs provides. */
declare module 'nearside:site' {
  /** A file that the service worker keeps; `revision` is null where the URL carries a hash. */
  export interface Precached {
    url: string;
    revision: string | null;
  }

  /** A file of a model pack; `path` is relative to the pack, `sha256` is hex. */
  export interface CardFile {
    path: string;
    bytes: number;
    sha256: string;
  }

  /** The starter model's card (models/<id>/model.json). */
  export interface StarterCard {
    id: string;
    revision: string;
    task: string;
    license: string;
    source: string;
    languages: string[];
    dimensions: number;
    maxTokens: number;
    pooling: 'graph' | 'mean' | 'cls';
    files: CardFile[];
    dtypes: Record<string, string>;
  }

  /** URLs of the site's parts. Those that a bundle's own pass does not know yet are undefined in it. */
  export interface Site {
    version: string;
    /** folder, ends with a slash */
    pyodide: string;
    /** core.js */
    pyscript: string;
    /** folder, ends with a slash */
    ort: string;
    /** the tab wheel */
    wheel: string;
    /** the wheels that are loaded when something needs them */
    extras: string[];
    starter: StarterCard;
    /** the hidden frame's document */
    engine: string;
    worker?: string | undefined;
    bridge?: string | undefined;
    interpreter?: string | undefined;
    precache?: Precached[] | undefined;
  }

  /** What `nearside build` hands to web/build.mjs; `static` is a folder on disk. */
  export interface BuildInput {
    version: string;
    static: string;
    pyodide: string;
    pyscript: string;
    ort: string;
    wheel: string;
    extras: string[];
    starter: StarterCard;
    precache: Precached[];
  }

  const site: Site;
  export default site;
}

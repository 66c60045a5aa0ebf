// What workers have and pages do not. TypeScript's own "webworker" library cannot be loaded beside "dom", so the
// few globals that Nearside's workers use are declared here. In a worker:
//   const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));

interface DedicatedWorkerGlobalScope extends EventTarget {
  readonly name: string;
  readonly location: WorkerLocation;
  readonly navigator: WorkerNavigator;
  readonly crossOriginIsolated: boolean;
  readonly indexedDB: IDBFactory;
  readonly caches: CacheStorage;
  onmessage: ((event: MessageEvent) => unknown) | null;
  onmessageerror: ((event: MessageEvent) => unknown) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
  postMessage(message: unknown, options?: StructuredSerializeOptions): void;
  close(): void;
}

interface WorkerLocation {
  readonly href: string;
  readonly origin: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}

interface WorkerNavigator {
  readonly hardwareConcurrency: number;
  readonly onLine: boolean;
  readonly userAgent: string;
  readonly language: string;
  readonly storage?: StorageManager;
  readonly gpu?: GPU;
}

interface ExtendableEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}

interface ExtendableMessageEvent extends ExtendableEvent {
  readonly data: any;
  readonly origin: string;
  readonly source: MessageEventSource | null;
  readonly ports: readonly MessagePort[];
}

interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  readonly clientId: string;
  readonly resultingClientId: string;
  readonly preloadResponse: Promise<Response | undefined>;
  respondWith(response: Response | Promise<Response>): void;
}

interface ServiceWorkerClient {
  readonly id: string;
  readonly url: string;
  readonly type: 'window' | 'worker' | 'sharedworker';
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

interface ServiceWorkerClients {
  get(id: string): Promise<ServiceWorkerClient | undefined>;
  matchAll(options?: {includeUncontrolled?: boolean, type?: 'window' | 'worker' | 'all'}): Promise<readonly ServiceWorkerClient[]>;
  openWindow(url: string): Promise<ServiceWorkerClient | null>;
  claim(): Promise<void>;
}

interface ServiceWorkerGlobalScope extends EventTarget {
  readonly clients: ServiceWorkerClients;
  readonly registration: ServiceWorkerRegistration;
  readonly serviceWorker: ServiceWorker;
  readonly location: WorkerLocation;
  readonly caches: CacheStorage;
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => unknown): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => unknown): void;
  addEventListener(type: 'message', listener: (event: ExtendableMessageEvent) => unknown): void;
}

// What audio worklets have.
declare const sampleRate: number;

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

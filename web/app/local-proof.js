/**
 * Tries, from this page, what local-only forbids, and looks at what the browser says. The proof is the browser's own
 * report of a violated policy: a request that merely failed would prove nothing.
 */

/** What is asked for: the door to the cloud. */
export const ASKED = '/v1/models';

/** @typedef {{outcome: 'refused' | 'answered' | 'unclear', asked: string, directive: string | null, blocked: string | null}} Proof */

/** How long to wait for the browser's report after the request failed. */
const PATIENCE_MS = 1000;

/**
 * @param {{fetch: (url: string, options: RequestInit) => Promise<unknown>, events: EventTarget, patience?: number}} parts
 * @returns {Promise<Proof>}
 */
export async function prove({ fetch: ask, events, patience = PATIENCE_MS }) {
  const over = new AbortController();
  /** @type {Promise<{effectiveDirective: string, blockedURI: string} | null>} */
  const report = new Promise((resolve) => {
    events.addEventListener('securitypolicyviolation', (event) => {
      const { effectiveDirective, blockedURI } = /** @type {SecurityPolicyViolationEvent} */ (event);
      if (effectiveDirective === 'connect-src') resolve({ effectiveDirective, blockedURI });
    }, { signal: over.signal });
    over.signal.addEventListener('abort', () => resolve(null));
  });
  try {
    await ask(ASKED, { cache: 'no-store' });
    return { outcome: 'answered', asked: ASKED, directive: null, blocked: null };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // fetch's word for refused, and for no network
    const timer = setTimeout(() => over.abort(), patience);
    const seen = await report;
    clearTimeout(timer);
    return { outcome: seen ? 'refused' : 'unclear', asked: ASKED, directive: seen?.effectiveDirective ?? null, blocked: seen?.blockedURI ?? null };
  } finally {
    over.abort();
  }
}

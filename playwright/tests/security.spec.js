/** What the page may not do, and what it says where the browser allows less. */
import { test, expect } from '../support/test.js';
import { NOTES, QUESTION, call, firstResult, openReady, paste } from '../support/page.js';

test('the page’s policy has no unsafe-eval, and evaluating a string fails there', async ({ lab, laboratory }) => {
  const answer = await fetch(laboratory.server.url);
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toMatch(/script-src 'self'(;|$)/);
  expect(policy).not.toMatch(/unsafe-(eval|inline|hashes)/);
  laboratory.watch.expect(/unsafe-eval/, /Refused to (evaluate|execute)|violates the following Content Security Policy/);
  const told = await lab.evaluate(
    () =>
      new Promise((resolve) => {
        const violations = /** @type {string[]} */ ([]);
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => violations.push(`${effectiveDirective} ${blockedURI}`));
        // Later, and from the page's own loop: what a debugger runs directly is not held to the policy.
        setTimeout(() => {
          /** @type {string[]} */
          const outcome = [];
          for (const attempt of [() => (0, eval)('1 + 1'), () => new Function('return 1')(), () => WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))]) {
            try {
              Promise.resolve(attempt()).then(() => outcome.push('ran'), (error) => outcome.push(error.name));
            } catch (error) {
              outcome.push(/** @type {Error} */ (error).name);
            }
          }
          const script = document.createElement('script');
          script.textContent = 'window.injected = true';
          document.body.append(script);
          setTimeout(() => resolve({ outcome: outcome.sort(), injected: window.injected === true, violations: violations.sort() }), 50);
        }, 0);
      }),
  );
  expect(told).toEqual({
    outcome: ['CompileError', 'EvalError', 'EvalError'],
    injected: false,
    violations: expect.arrayContaining(['script-src eval', 'script-src-elem inline']),
  });
});

test('the page and the engine’s frame are isolated', async ({ lab }) => {
  expect(await lab.evaluate(() => [isSecureContext, crossOriginIsolated])).toEqual([true, true]);
  const frame = lab.frames().find((one) => one.url().includes('/engine.html'));
  expect(await frame?.evaluate(() => crossOriginIsolated)).toBe(true);
});

test('text that looks like HTML stays text', async ({ page, server }) => {
  await openReady(page, server.url);
  const nasty = '<img src=x onerror="window.hurt=1"> apple <script>window.hurt=2</script> <b>bold</b>';
  await page.setInputFiles('input[type=file]', { name: '<img src=x>.txt', mimeType: 'text/plain', buffer: Buffer.from(nasty) });
  expect(await firstResult(page, 'apple <b>')).toBe(nasty);
  expect(await page.evaluate(() => window.hurt)).toBeUndefined();
  await expect(page.locator('ns-results img, ns-results b, ns-shelf img')).toHaveCount(0);
});

test('over plain http from elsewhere the page explains itself and still searches', async ({ profile, server, watch }) => {
  watch.expect(/Cross-Origin-Opener-Policy header has been ignored/);
  const origin = `http://nearside.test:${server.port}`;
  watch.origins.add(origin);
  const context = await profile.launch({ args: ['--host-resolver-rules=MAP nearside.test 127.0.0.1', '--proxy-bypass-list=nearside.test'] });
  const page = context.pages()[0];
  await openReady(page, `${origin}/`);
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await expect(page.getByText('This address is not secure')).toBeVisible();
  await expect(page.getByText('Not available offline')).toBeVisible();
  await paste(page, NOTES.join('\n\n'));
  expect(await firstResult(page, QUESTION)).toContain('Cats like to nap');
  const { value: report } = await call(page, 'device');
  expect(report).toMatchObject({ secure: false, isolated: false, webgpu: false, storage: { serviceWorker: false } });
  expect((await call(page, 'models.storage')).value).toMatchObject({ persistent: true, quota: null, persisted: null });
});

/** End-to-end tests: the real server, the built site, the system's browsers. `npx playwright test` in this folder. */
import { defineConfig } from '@playwright/test';
import { chromiumPath } from './support/programs.js';

export default defineConfig({
  testDir: 'tests',
  outputDir: '../test-results/playwright',
  // Each test boots Python in a tab; more than two at a time would only take each other's cores.
  workers: 2,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 60_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    actionTimeout: 60_000,
    navigationTimeout: 60_000,
    launchOptions: { executablePath: chromiumPath() },
    trace: 'off',
    locale: 'en-GB',
  },
});

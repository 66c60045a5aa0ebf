/** A site with a far side: the scripted provider, and the configuration that names it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes a configuration for `nearside serve`: one alias per model of the provider, the first is the default.
 * @param {string} folder
 * @param {import('./upstream.js').Upstream} upstream
 * @param {string[]} models as the provider calls them
 * @returns {string} its path
 */
export function configFor(folder, upstream, models) {
  const path = join(folder, 'nearside.toml');
  const aliases = models.map((model) => `[models.cloud-${model}]\nprovider = "scripted"\nmodel = "${model}"\ninput_price = "0.15"\noutput_price = "0.60"\n`);
  writeFileSync(path, `[providers.scripted]\nbase_url = "${upstream.url}"\n\n${aliases.join('\n')}`);
  return path;
}

// Run as a process of its own, to be killed in the middle: node --import tsx killedDownload.ts URL FOLDER
import { downloadCifar10 } from '../../../src/dataset/fetch/download.js';
import { npmFetcher } from '../../../src/dataset/fetch/fetchNpm.js';
import { torontoFetcher } from '../../../src/dataset/fetch/fetchToronto.js';

const [url, dataDir] = process.argv.slice(2);
await downloadCifar10({
  dataDir,
  source: 'toronto',
  fetchers: { toronto: torontoFetcher({ url, md5: '', bytes: 1e6 }), npm: npmFetcher() },
  settings: () => Promise.resolve({}),
  onProgress: (progress) => process.stdout.write(`${JSON.stringify(progress)}\n`),
});

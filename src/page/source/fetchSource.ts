import { neighbourRow } from '../../report/neighbourRow';
import { IMAGES_A_FILE, type Measures, type Part, type SiteInfo } from '../../report/types';
import { imageSize } from '../lib/pixels';
import { type Source, SourceError } from './source';

/** Files of images that are kept: 300 kB each. */
const MOST_FILES = 400;

const address = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

async function get(path: string): Promise<Response | undefined> {
  const response = await fetch(address(path));
  if (response.status === 404) return undefined;
  if (!response.ok) throw new SourceError((await response.text()).trim());
  return response;
}

async function getJson<T>(path: string): Promise<T> {
  const response = await get(path);
  if (response === undefined) throw new SourceError(`${path} is not there.`);
  return (await response.json()) as T;
}

async function getBytes(path: string): Promise<Uint8Array | undefined> {
  const response = await get(path);
  return response && new Uint8Array(await response.arrayBuffer());
}

/** A function that asks once for each key, and again after a failure. */
function once<T>(ask: (key: string) => Promise<T>, most = Infinity): (key: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (key) => {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = ask(key);
    answers.set(key, answer);
    answer.catch(() => answers.delete(key));
    const [oldest] = answers.keys();
    if (answers.size > most) answers.delete(oldest);
    return answer;
  };
}

/** Content from files beside the page, whoever answers for them. */
export async function openFetchSource(): Promise<Source> {
  const site = await getJson<SiteInfo>('site.json');
  const size = imageSize(site);
  const file = once(getBytes, MOST_FILES);
  const labels = once(async (part) => (await getBytes(`labels/${part}.bin`)) ?? new Uint8Array());
  const image = async (part: Part, number: number): Promise<Uint8Array | undefined> => {
    if (!(number >= 0 && number < site.images[part])) return undefined;
    const bytes = await file(`images/${part}/${Math.floor(number / IMAGES_A_FILE)}.bin`);
    const start = (number % IMAGES_A_FILE) * size;
    return bytes?.subarray(start, start + size);
  };
  return {
    site,
    runs: () => getJson('runs.json'),
    detail: (run) => getJson(`runs/${run}/detail.json`),
    measures: async (run) => (await getJson<Measures | null>(`runs/${run}/measures.json`)) ?? undefined,
    images: (part, numbers) => Promise.all(numbers.map((number) => image(part, number))),
    labels: async (part) => (site.images[part] > 0 ? labels(part) : new Uint8Array()),
    neighbours: async (test) => {
      const bytes = await file('neighbours.bin');
      return bytes === undefined ? [] : neighbourRow(bytes, test);
    },
    nearDuplicates: () => getJson('near-duplicates.json'),
    modelUrl: ({ name, model }) =>
      model && new URL(address(`runs/${name}/${model}/model.json`), document.baseURI).href,
    ...(site.kind === 'live' && {
      measure: async (run) => {
        const response = await fetch(address(`runs/${run}/measure`), { method: 'POST' });
        if (!response.ok) throw new SourceError((await response.text()).trim());
      },
    }),
  };
}

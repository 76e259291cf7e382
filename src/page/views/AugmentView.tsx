import { useMemo, useState } from 'preact/hooks';
import { type AugmentConfig, parseAugment } from '../../dataset/augment/config';
import { AUGMENT_PRESETS, type AugmentPreset } from '../../dataset/augment/presets';
import { SLIDERS, SWITCHES, switched } from '../lib/augmentSettings';
import { toBytes } from '../lib/pixels';
import { useSite } from '../lib/site';
import { reasonOf, useAsync } from '../lib/useAsync';
import { variantsOf } from '../lib/variants';
import { Picture } from '../parts/Picture';
import { Waiting } from '../parts/Waiting';

const VARIANTS = 20;
/** Images at first. */
const FIRST = '4, 9';

/** What an augmentation makes of images, drawn by the code that training uses. */
export function AugmentView() {
  const { source } = useSite();
  const { images } = source.site;
  const [config, setConfig] = useState<AugmentConfig>(AUGMENT_PRESETS.normal);
  const [chosen, setChosen] = useState(FIRST);
  const [seed, setSeed] = useState(0);
  const [copied, setCopied] = useState('');
  if (images.train === 0)
    return (
      <p>
        The training images are not here. In a terminal: <code>npx cifar download</code>
      </p>
    );
  const numbers = chosen
    .split(/[\s,]+/)
    .filter((text) => /^\d+$/.test(text))
    .map(Number)
    .filter((number) => number < images.train)
    .slice(0, 6);
  const problem = problemOf(config);
  const json = JSON.stringify(config, null, 2);
  const preset =
    (Object.keys(AUGMENT_PRESETS) as AugmentPreset[]).find((name) => sameAs(AUGMENT_PRESETS[name], config)) ??
    '';
  const copy = (): void => {
    navigator.clipboard.writeText(`${json}\n`).then(
      () => setCopied('Copied: save it as a file, and train with --augment that-file.json.'),
      () => setCopied('The browser does not let the page copy: take it from below.'),
    );
  };
  return (
    <>
      <h1>Augmentation</h1>
      <p>Twenty epochs of each image as training would see it, with these settings.</p>
      <div class="bench">
        <form class="settings" onSubmit={(event) => event.preventDefault()}>
          <label>
            Begin from
            <select
              value={preset}
              onChange={(event) => setConfig(AUGMENT_PRESETS[event.currentTarget.value as AugmentPreset])}
            >
              {preset === '' && <option value="">settings of your own</option>}
              {Object.keys(AUGMENT_PRESETS).map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          {SLIDERS.map((setting) => (
            <label key={setting.label}>
              <span>
                {setting.label}{' '}
                <span class="number">
                  {setting.get(config)}
                  {setting.unit}
                </span>
              </span>
              <input
                type="range"
                min={0}
                max={setting.most}
                step={setting.step}
                value={setting.get(config)}
                onInput={(event) => setConfig(setting.set(config, Number(event.currentTarget.value)))}
              />
            </label>
          ))}
          {SWITCHES.map(({ key, label }) => (
            <label key={key}>
              <input
                type="checkbox"
                checked={config[key] === true}
                onChange={(event) => setConfig(switched(config, key, event.currentTarget.checked))}
              />{' '}
              {label}
            </label>
          ))}
          <label>
            Training images, by number
            <input
              value={chosen}
              inputMode="numeric"
              onInput={(event) => setChosen(event.currentTarget.value)}
            />
          </label>
          <label>
            Seed
            <input
              type="number"
              min={0}
              max={9999}
              value={seed}
              onInput={(event) => setSeed(Number(event.currentTarget.value) || 0)}
            />
          </label>
          <button type="button" onClick={copy}>
            Copy as JSON
          </button>
          <p role="status" class="note">
            {copied}
          </p>
          <details>
            <summary>The file that --augment takes</summary>
            <pre>
              <code>{json}</code>
            </pre>
          </details>
        </form>
        <div>
          {problem === undefined ? (
            <Variants numbers={numbers} config={config} seed={seed} />
          ) : (
            <p class="problem" role="alert">
              {problem}
            </p>
          )}
        </div>
      </div>
    </>
  );
}

function Variants({
  numbers,
  config,
  seed,
}: {
  numbers: readonly number[];
  config: AugmentConfig;
  seed: number;
}) {
  const { source } = useSite();
  const loaded = useAsync(() => source.images('train', numbers), [source, numbers.join()]);
  const drawn = useMemo(() => {
    if (loaded.state !== 'done') return undefined;
    const images = numbers.flatMap((number, i) => {
      const rgb = loaded.value[i];
      return rgb === undefined ? [] : [{ rgb, number }];
    });
    return Array.from({ length: VARIANTS }, (_, epoch) =>
      variantsOf(images, config, { epoch, seed }).map(toBytes),
    );
  }, [loaded, config, seed]);
  if (numbers.length === 0) return <p>Give the number of a training image or several.</p>;
  return (
    <Waiting on={loaded}>
      {() =>
        numbers.map((number, i) => (
          <section key={number}>
            <h2>Training image {number}</h2>
            <ul class="variants">
              {drawn?.map((images, epoch) => (
                <li key={epoch}>
                  <Picture rgb={images[i]} label={`image ${number} in epoch ${epoch + 1}`} />
                </li>
              ))}
            </ul>
          </section>
        ))
      }
    </Waiting>
  );
}

function problemOf(config: AugmentConfig): string | undefined {
  try {
    parseAugment(config, 'These settings');
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

function sameAs(a: AugmentConfig, b: AugmentConfig): boolean {
  const sorted = (config: AugmentConfig): string =>
    JSON.stringify(Object.entries(config).sort(([x], [y]) => (x < y ? -1 : 1)));
  return sorted(a) === sorted(b);
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  AUGMENT_PRESETS,
  describeAugment,
  loadAugment,
  parseAugment,
} from '../../../src/dataset/augment/index.js';
import { UsageError } from '../../../src/util/errors.js';
import { lastingFolder } from '../../helpers/folders.js';

const folder = lastingFolder();

function file(text: string): string {
  const path = join(folder, 'mine.json');
  writeFileSync(path, text);
  return path;
}

describe('loadAugment', () => {
  it('knows the presets', () => {
    expect(loadAugment('none')).toEqual({});
    expect(loadAugment('normal')).toBe(AUGMENT_PRESETS.normal);
    expect(loadAugment('strong')).toMatchObject({ zoom: [0.7, 1.3], heightShift: 0.3 });
  });

  it('reads a file, and a preset written to a file is that preset', () => {
    expect(loadAugment(file('{"rotationDegrees": 5, "horizontalFlip": 0.25}'))).toEqual({
      rotationDegrees: 5,
      horizontalFlip: 0.25,
    });
    expect(loadAugment(file(JSON.stringify(AUGMENT_PRESETS.strong)))).toEqual(AUGMENT_PRESETS.strong);
    expect(loadAugment(file('{}'))).toEqual({});
  });

  it('refuses an unknown name with the nearest one', () => {
    expect(() => loadAugment('norml')).toThrow(
      'Unknown augmentation "norml". Did you mean "normal"? Expected none, normal, strong, fast, fast-jitter, trivial, fast4, fast4-jitter, fast4-cutout or the path of a .json file.',
    );
    expect(() => loadAugment('toString')).toThrow(UsageError);
  });

  it('says what is wrong with a file', () => {
    const missing = join(folder, 'nowhere.json');
    expect(() => loadAugment(missing)).toThrow(
      `Cannot read the augmentation file ${missing}: there is no such file.`,
    );
    expect(() => loadAugment(`${folder}/`)).toThrow(/Cannot read the augmentation file .*EISDIR/);
    const broken = file('{"zoom": [0.8, 1.2');
    expect(() => loadAugment(broken)).toThrow(`The augmentation file ${broken} is not valid JSON`);
    const wrong = file('{"zom": [0.8, 1.2]}');
    expect(() => loadAugment(wrong)).toThrow(
      `${wrong}: unknown augmentation setting "zom". Did you mean "zoom"?`,
    );
  });
});

describe('parseAugment', () => {
  it.each([
    ['rotationDegrees', 181, 'a number from 0 to 180'],
    ['rotationDegrees', -1, 'a number from 0 to 180'],
    ['rotationDegrees', '20', 'a number from 0 to 180'],
    ['rotationDegrees', NaN, 'a number from 0 to 180'],
    ['heightShift', 1, 'a number from 0 to below 1'],
    ['widthShift', null, 'a number from 0 to below 1'],
    ['channelShift', 1.5, 'a number from 0 to 1'],
    ['horizontalFlip', true, 'a number from 0 to 1'],
    ['alternatingFlip', 0.5, 'true'],
    ['alternatingFlip', false, 'true'],
    ['translate', 17, 'a whole number from 0 to 16'],
    ['translate', 1.5, 'a whole number from 0 to 16'],
    ['translate', '2', 'a whole number from 0 to 16'],
    ['cutout', 0, 'a whole number from 1 to 32'],
    ['cutout', 33, 'a whole number from 1 to 32'],
    ['mixup', 0, 'a number above 0 and up to 10'],
    ['cutmix', 10.5, 'a number above 0 and up to 10'],
    ['cutmix', NaN, 'a number above 0 and up to 10'],
    ['zoom', 0.2, 'a pair [low, high] of numbers from 0.1 to 10, low not above high'],
    ['zoom', [1.2, 0.8], 'a pair'],
    ['zoom', [0, 1], 'a pair'],
    ['zoom', [1, 11], 'a pair'],
    ['zoom', [1, 1, 1], 'a pair'],
    ['zoom', ['1', 1], 'a pair'],
  ])('refuses %s = %j', (key, value, expected) => {
    const parse = () => parseAugment({ [key]: value }, 'run.yaml');
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(`run.yaml: "${key}" must be ${expected}`);
    expect(parse).toThrow(`but is ${JSON.stringify(value)}`);
  });

  it.each([[null], [[1]], ['strong'], [3]])('refuses %j, which is no object', (value) => {
    expect(() => parseAugment(value, 'x.json')).toThrow(/^x\.json: an augmentation must be an object/);
  });

  it('refuses names that every object has', () => {
    expect(() => parseAugment(JSON.parse('{"constructor": 1}'), 'x')).toThrow(
      'unknown augmentation setting "constructor"',
    );
    expect(() => parseAugment(JSON.parse('{"__proto__": 1}'), 'x')).toThrow(
      'unknown augmentation setting "__proto__"',
    );
  });

  it('refuses two ways to flip', () => {
    expect(() => parseAugment({ horizontalFlip: 0.5, alternatingFlip: true }, 'x')).toThrow(
      'x: "horizontalFlip" and "alternatingFlip" are two ways to mirror an image. Leave one of them out.',
    );
  });

  it('takes the ends of every range', () => {
    const low = { rotationDegrees: 0, heightShift: 0, zoom: [0.1, 0.1], channelShift: 0 };
    const high = { rotationDegrees: 180, widthShift: 0.999, zoom: [10, 10], horizontalFlip: 1 };
    const whole = { alternatingFlip: true, translate: 16, cutout: 32, mixup: 1e-6, cutmix: 10 };
    expect(parseAugment(whole, 'x')).toEqual(whole);
    expect(parseAugment(low, 'x')).toEqual(low);
    expect(parseAugment(high, 'x')).toEqual(high);
  });
});

describe('describeAugment', () => {
  it('puts a configuration into a line', () => {
    expect(describeAugment(AUGMENT_PRESETS.none)).toBe('none');
    expect(describeAugment(AUGMENT_PRESETS.normal)).toBe(
      'rotation ±20°, vertical shift ±0.2 of the height, horizontal shift ±0.2 of the width, ' +
        'zoom 0.8–1.2 by axis, channel shift ±0.2, horizontal flip p = 0.5',
    );
    expect(describeAugment({ ...AUGMENT_PRESETS['fast4-cutout'], mixup: 0.2, cutmix: 1 })).toBe(
      'mirrored every other epoch, translation by up to 4 pixels, cutout 12×12, mixup α = 0.2, cutmix α = 1',
    );
  });
});

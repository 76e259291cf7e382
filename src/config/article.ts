import type { TrainConfig } from './trainOptions.js';

/** An experiment of the article: what it published (loss in nats, accuracy 0 to 1) and what we got. */
export interface ReproducedRow {
  id: RowId;
  title: string;
  published: { loss?: number; accuracy: number };
  measured?: { loss?: number; accuracy: number; note?: string };
}

export const ROWS = [
  { id: 'bench-none', title: 'bench, no augmentation', published: { loss: 0.8592, accuracy: 0.8439 } },
  { id: 'bench-normal', title: 'bench, normal', published: { loss: 0.4327, accuracy: 0.8742 } },
  { id: 'deep-normal', title: 'deep, normal', published: { loss: 0.392, accuracy: 0.9004 } },
  { id: 'deep-step', title: 'deep, normal, step decay', published: { loss: 0.2751, accuracy: 0.925 } },
  { id: 'deep-step-tta', title: 'the same, TTA', published: { accuracy: 0.9431 } },
  { id: 'ensemble', title: 'ensemble, TTA', published: { accuracy: 0.9507 } },
] as const;

export type RowId = (typeof ROWS)[number]['id'];

/** The row that shares its first epochs with another's: until its rate is first lowered it is the same training. */
export const SHARED_PREFIX = { row: 'deep-step', parent: 'deep-normal' } as const;

/** Rows that are looked at beside each other. */
export const PAIRS = [
  { name: 'bench', title: 'bench, without and with augmentation', rows: ['bench-none', 'bench-normal'] },
  { name: 'deep', title: 'deep, at a constant rate and with step decay', rows: ['deep-normal', 'deep-step'] },
] as const satisfies readonly { name: string; title: string; rows: readonly RowId[] }[];

/** The trained rows' own settings; everything else is the article's protocol, which is the defaults. */
export const TRAINED_ROWS: Partial<Record<RowId, Partial<TrainConfig>>> = {
  'bench-none': { model: 'bench', augment: 'none' },
  'bench-normal': { model: 'bench', augment: 'normal' },
  'deep-normal': { model: 'deep', augment: 'normal' },
  'deep-step': { model: 'deep', augment: 'normal', schedule: 'step' },
};

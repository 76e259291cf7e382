import { cpus, totalmem } from 'node:os';
import { version_core as tfjsVersion } from '@tensorflow/tfjs-core';
import { usableCores } from '../engine/cores.js';
import { packageVersion } from '../util/packageVersion.js';
import type { Hardware, RunRecord } from './runRecord.js';

export function versions(): RunRecord['versions'] {
  return { cifar: packageVersion(), tfjs: tfjsVersion, node: process.versions.node };
}

export function hardware(): Hardware {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: usableCores(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
  };
}

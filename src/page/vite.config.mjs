import { join } from 'node:path';
import { defineConfig } from 'vite';
import { CONTENT_POLICY } from '../util/contentPolicy.ts';

/** A page that is opened from a folder or another server has the policy in itself, as `cifar serve` sends it. */
const contentPolicy = {
  name: 'content-policy',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'content-security-policy', content: CONTENT_POLICY },
      injectTo: 'head-prepend',
    },
  ],
};

/** One of two programs: the page of `cifar serve`, in parts, or that of a report, in one file of script and one of style. */
export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  base: './',
  logLevel: 'warn',
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    target: 'es2022',
    emptyOutDir: true,
    outDir: join(import.meta.dirname, '../../dist', mode === 'report' ? 'reportPage' : 'page'),
    // tfjs and its WebAssembly are large, and loaded only where pictures are answered.
    chunkSizeWarningLimit: 4000,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    ...(mode === 'report' && {
      lib: { entry: 'report.tsx', formats: ['iife'], name: 'cifarReport', fileName: () => 'report.js' },
      rollupOptions: { output: { assetFileNames: 'report[extname]' } },
    }),
  },
  plugins: [contentPolicy],
  worker: { format: 'es' },
}));

import { join } from 'node:path';
import { defineConfig } from 'vite';

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
  worker: { format: 'es' },
}));

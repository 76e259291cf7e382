// The layer check: arrows run one way, and there are no cycles.
// cli → commands → pipeline → dataset, nets, io, plots → nn → engine/ops → tfjs
const layer = (name, from, forbidden) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: forbidden },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: ['\\.d\\.ts$'] },
      to: {},
    },
    layer('util-imports-none', '^src/util/', '^src/(?!util/)'),
    layer('engine-stands-alone', '^src/engine/', '^src/(?!engine/)'),
    layer('nn-imports-engine-ops-only', '^src/nn/', '^src/(?!nn/|util/|engine/ops/)'),
    layer('nets-import-nn', '^src/nets/', '^src/(?!nets/|nn/|util/|engine/ops/)'),
    layer('io-is-low', '^src/io/', '^src/(?!io/|util/)'),
    layer('dataset-is-low', '^src/dataset/', '^src/(?!dataset/|io/|util/)'),
    layer('plots-are-low', '^src/plots/', '^src/(?!plots/|io/|util/)'),
    layer(
      'config-is-low',
      '^src/config/',
      '^src/(?!config/|util/|nets/names|engine/(names|provider)|dataset/(augment|views)/presets)',
    ),
    layer('pipeline-below-commands', '^src/pipeline/', '^src/(cli|commands/)'),
    layer('commands-below-cli', '^src/commands/', '^src/cli'),
    {
      name: 'koffi-only-in-ffi',
      severity: 'error',
      from: { pathNot: '^src/engine/onednn/ffi/' },
      to: { path: 'node_modules/koffi' },
    },
    {
      name: 'no-dev-dependencies-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};

// The layer check. A room imports only rooms below its own floor, never one beside it; and there are no cycles.
const FLOORS = [
  ['cli\\.ts', 'index\\.ts', 'onednn\\.ts', 'wasm\\.ts'],
  ['commands/', 'api/'],
  ['experiments/', 'serve/'],
  ['report/'],
  ['ensembles/', 'exchange/'],
  ['training/'],
  ['evaluation/'],
  ['runs/'],
  ['config/'],
  ['nets/', 'plots/'],
  ['nn/', 'dataset/', 'pictures/'],
  ['io/'],
  ['engine/'],
  ['util/'],
];

const layer = (name, from, forbidden) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: forbidden },
});

const floorRules = FLOORS.flatMap((rooms, floor) =>
  rooms.map((room) => {
    const above = FLOORS.slice(0, floor).flat();
    const beside = rooms.filter((other) => other !== room);
    const forbidden = [...above, ...beside];
    return layer(
      `${room.replace(/\W/g, '')}-imports-below`,
      `^src/${room}`,
      `^src/(${forbidden.length > 0 ? forbidden.join('|') : '(?!)'})`,
    );
  }),
);

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: ['\\.d\\.ts$', '^src/page/vite'] },
      to: {},
    },
    {
      name: 'every-room-has-a-floor',
      severity: 'error',
      from: {},
      to: { path: `^src/(?!page/|${FLOORS.flat().join('|')})` },
    },
    ...floorRules,
    layer('engine-stands-alone', '^src/engine/', '^src/(?!engine/)'),
    layer('nn-computes-by-operations', '^src/nn/', '^src/(?!nn/|util/|engine/ops/)'),
    layer('nets-compute-by-nn', '^src/nets/', '^src/(io|engine/(?!ops/))'),
    layer('data-and-pictures-compute-nothing', '^src/(dataset|pictures|plots)/', '^src/engine/'),
    // Read by commands before anything else is loaded.
    layer(
      'config-loads-names-only',
      '^src/config/',
      '^src/(?!config/|util/|nets/names|engine/(names|provider|ops/muonCoefficients)|dataset/(augment|views)/presets)',
    ),
    // Whatever it shares with the program bundles for browsers: what does not, the build refuses.
    layer('nobody-imports-the-page', '^src/(?!page/)', '^src/page/'),
    layer(
      'page-runs-without-node',
      '^src/page/',
      '^src/(commands|api|experiments|serve|ensembles|exchange)/',
    ),
    layer('training-alone-knows-callbacks', '^src/(?!training/)', '^src/training/callbacks/'),
    {
      name: 'koffi-only-in-ffi',
      severity: 'error',
      from: { pathNot: '^src/engine/onednn/ffi/' },
      to: { path: 'node_modules/koffi' },
    },
    {
      name: 'no-dev-dependencies-in-src',
      severity: 'error',
      from: { path: '^src/(?!page/)' },
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

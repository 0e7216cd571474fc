/** Generated from jupyter_repro/model/schema by `jlpm schema`. Do not edit. */
import type { Definitions } from './validate';

const LINE = '^[^\\x00-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]*$';

const definitions: Definitions = {
  Arrival: {
    properties: {
      cell: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      digest: { pattern: '^[0-9a-f]{64}$', type: 'string' },
      does: { anyOf: [{ enum: ['accept', 'record'] }, { type: 'null' }] },
      policy: { anyOf: [{ enum: ['production', 'research'] }, { type: 'null' }] },
      schema_version: { type: 'integer' },
      snapshot: { anyOf: [{ $ref: '#/$defs/Snapshot' }, { type: 'null' }] },
      stamp: { anyOf: [{ $ref: '#/$defs/CellStamp' }, { type: 'null' }] }
    },
    required: ['schema_version', 'digest'],
    type: 'object'
  },
  Check: {
    properties: {
      cell_id: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      document: { anyOf: [{ $ref: '#/$defs/Document' }, { type: 'null' }] },
      facts: {
        additionalProperties: {
          items: { maxLength: 500, pattern: LINE, type: 'string' },
          type: 'array'
        },
        propertyNames: { maxLength: 128, minLength: 1, pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$' },
        type: 'object'
      },
      notes: { items: { maxLength: 1000, pattern: LINE, type: 'string' }, type: 'array' },
      overall: { anyOf: [{ $ref: '#/$defs/Overall' }, { type: 'null' }] },
      problem: { anyOf: [{ maxLength: 1000, pattern: LINE, type: 'string' }, { type: 'null' }] },
      recorded: { type: 'boolean' },
      reference_facts: {
        anyOf: [
          {
            additionalProperties: {
              items: { maxLength: 500, pattern: LINE, type: 'string' },
              type: 'array'
            },
            propertyNames: {
              maxLength: 128,
              minLength: 1,
              pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$'
            },
            type: 'object'
          },
          { type: 'null' }
        ]
      },
      report: { anyOf: [{ $ref: '#/$defs/Report' }, { type: 'null' }] },
      results: { items: { $ref: '#/$defs/ResultCheck' }, maxItems: 200, type: 'array' },
      schema_version: { type: 'integer' },
      snapshot: { $ref: '#/$defs/Snapshot' },
      stamps: {
        additionalProperties: { $ref: '#/$defs/CellStamp' },
        maxProperties: 1000,
        propertyNames: { maxLength: 500, pattern: LINE },
        type: 'object'
      },
      tool: { maxLength: 500, pattern: LINE, type: 'string' },
      unchanged: { type: 'boolean' }
    },
    required: ['tool', 'snapshot', 'facts'],
    type: 'object'
  },
  Document: {
    properties: {
      findings: { items: { $ref: '#/$defs/RunFinding' }, maxItems: 100, type: 'array' },
      latest: { anyOf: [{ $ref: '#/$defs/Snapshot' }, { type: 'null' }] },
      policy: { anyOf: [{ enum: ['production', 'research'] }, { type: 'null' }] },
      reference: { $ref: '#/$defs/Snapshot' },
      schema_version: { type: 'integer' }
    },
    required: ['schema_version', 'reference'],
    type: 'object'
  },
  Message: {
    properties: {
      digest: { pattern: '^[0-9a-f]{64}$', type: 'string' },
      schema_version: { type: 'integer' },
      snapshot: { anyOf: [{ maxLength: 20000000, type: 'string' }, { type: 'null' }] }
    },
    required: ['schema_version', 'digest'],
    type: 'object'
  },
  Packages: {
    properties: {
      rows: { items: { $ref: '#/$defs/PackageRow' }, maxItems: 200000, type: 'array' }
    },
    required: ['rows'],
    type: 'object'
  },
  CellStamp: {
    properties: {
      env: { anyOf: [{ pattern: '^[0-9a-f]{12}$', type: 'string' }, { type: 'null' }] }
    },
    required: [],
    type: 'object'
  },
  Snapshot: {
    properties: {
      created: {
        pattern:
          '^(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$',
        type: 'string'
      },
      digest: { pattern: '^[0-9a-f]{64}$', type: 'string' },
      layers: { $ref: '#/$defs/Layers' },
      schema_version: { type: 'integer' },
      third_party: {
        additionalProperties: { $ref: '#/$defs/ThirdPartyLayer' },
        maxProperties: 1000,
        propertyNames: { maxLength: 128, minLength: 1, pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$' },
        type: 'object'
      },
      tool: { maxLength: 500, pattern: LINE, type: 'string' }
    },
    required: ['schema_version', 'created', 'tool', 'digest', 'layers'],
    type: 'object'
  },
  Overall: {
    properties: {
      differences: { type: 'integer' },
      summary: { maxLength: 1000, pattern: LINE, type: 'string' },
      verdict: { enum: ['drift', 'match', 'mismatch', 'not checked', 'not comparable', 'not run'] }
    },
    required: ['verdict', 'summary', 'differences'],
    type: 'object'
  },
  Report: {
    properties: {
      current_digest: { pattern: '^[0-9a-f]{64}$', type: 'string' },
      findings: { items: { $ref: '#/$defs/Finding' }, type: 'array' },
      layers: {
        additionalProperties: { $ref: '#/$defs/LayerReport' },
        propertyNames: { maxLength: 128, minLength: 1, pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$' },
        type: 'object'
      },
      policy: { maxLength: 500, pattern: LINE, type: 'string' },
      reference_digest: { pattern: '^[0-9a-f]{64}$', type: 'string' },
      schema_version: { type: 'integer' },
      summary: { maxLength: 1000, pattern: LINE, type: 'string' },
      verdict: { enum: ['drift', 'match', 'mismatch', 'not checked', 'not comparable'] }
    },
    required: [
      'verdict',
      'summary',
      'policy',
      'reference_digest',
      'current_digest',
      'layers',
      'findings'
    ],
    type: 'object'
  },
  ResultCheck: {
    properties: {
      band: { items: { type: 'number' }, maxItems: 2, type: 'array' },
      cell: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      current: { maxLength: 500, pattern: LINE, type: 'string' },
      fails: { type: 'boolean' },
      name: { maxLength: 500, pattern: LINE, type: 'string' },
      outcome: {
        enum: ['different', 'identical', 'not comparable', 'not run', 'within tolerance']
      },
      reference: { maxLength: 500, pattern: LINE, type: 'string' },
      tolerance: { maxLength: 500, pattern: LINE, type: 'string' },
      values: { items: { type: 'number' }, maxItems: 20, type: 'array' },
      why: { maxLength: 1000, pattern: LINE, type: 'string' }
    },
    required: ['name', 'outcome', 'reference', 'current'],
    type: 'object'
  },
  RunFinding: {
    properties: {
      advice: { maxLength: 1000, pattern: LINE, type: 'string' },
      cell: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      count: { minimum: 1, type: 'integer' },
      file: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      kind: {
        maxLength: 128,
        minLength: 1,
        pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$',
        type: 'string'
      },
      line: { anyOf: [{ minimum: 0, type: 'integer' }, { type: 'null' }] },
      severity: { enum: ['note', 'warning'] },
      what: { maxLength: 1000, pattern: LINE, type: 'string' }
    },
    required: ['kind', 'severity', 'what', 'advice'],
    type: 'object'
  },
  PackageRow: {
    properties: {
      current: { anyOf: [{ maxLength: 1000, pattern: LINE, type: 'string' }, { type: 'null' }] },
      differs: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
      layers: {
        items: {
          maxLength: 128,
          minLength: 1,
          pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$',
          type: 'string'
        },
        type: 'array'
      },
      name: { maxLength: 500, pattern: LINE, type: 'string' },
      origin: { maxLength: 500, pattern: LINE, type: 'string' },
      recorded: { anyOf: [{ maxLength: 1000, pattern: LINE, type: 'string' }, { type: 'null' }] },
      used: { type: 'boolean' }
    },
    required: ['name', 'layers'],
    type: 'object'
  },
  Layers: {
    properties: {
      conda: { $ref: '#/$defs/CondaLayer' },
      core: { $ref: '#/$defs/CoreLayer' },
      determinism: { $ref: '#/$defs/DeterminismLayer' },
      frameworks: { $ref: '#/$defs/FrameworksLayer' },
      gpu: { $ref: '#/$defs/GpuLayer' },
      libraries: { $ref: '#/$defs/LibrariesLayer' },
      notebook: { $ref: '#/$defs/NotebookLayer' },
      packages: { $ref: '#/$defs/PackagesLayer' },
      system: { $ref: '#/$defs/SystemLayer' }
    },
    required: [
      'notebook',
      'frameworks',
      'packages',
      'conda',
      'core',
      'system',
      'gpu',
      'libraries',
      'determinism'
    ],
    type: 'object'
  },
  ThirdPartyLayer: {
    properties: {
      facts: {
        additionalProperties: {
          anyOf: [
            { type: 'boolean' },
            { type: 'integer' },
            { type: 'number' },
            { maxLength: 500, pattern: LINE, type: 'string' },
            { type: 'null' }
          ]
        },
        maxProperties: 1000,
        propertyNames: { maxLength: 128, minLength: 1, pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$' },
        type: 'object'
      },
      reason: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      status: { enum: ['error', 'ok', 'unavailable'] }
    },
    required: ['status'],
    type: 'object'
  },
  Finding: {
    properties: {
      action: { maxLength: 1000, pattern: LINE, type: 'string' },
      current: { anyOf: [{ maxLength: 1000, pattern: LINE, type: 'string' }, { type: 'null' }] },
      kind: {
        maxLength: 128,
        minLength: 1,
        pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$',
        type: 'string'
      },
      layer: {
        maxLength: 128,
        minLength: 1,
        pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$',
        type: 'string'
      },
      reference: { anyOf: [{ maxLength: 1000, pattern: LINE, type: 'string' }, { type: 'null' }] },
      severity: { enum: ['error', 'note', 'warning'] },
      subject: { maxLength: 500, pattern: LINE, type: 'string' },
      used: { type: 'boolean' },
      why: { maxLength: 1000, pattern: LINE, type: 'string' }
    },
    required: [
      'kind',
      'layer',
      'subject',
      'reference',
      'current',
      'severity',
      'used',
      'why',
      'action'
    ],
    type: 'object'
  },
  LayerReport: {
    properties: {
      absent: { type: 'boolean' },
      reason: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      verdict: { enum: ['drift', 'match', 'mismatch', 'not checked', 'not comparable'] }
    },
    required: ['verdict'],
    type: 'object'
  },
  CondaLayer: {
    properties: {
      activated: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
      activation: {
        items: {
          maxLength: 128,
          minLength: 1,
          pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$',
          type: 'string'
        },
        maxItems: 50000,
        type: 'array'
      },
      channels: {
        items: { maxLength: 500, pattern: LINE, type: 'string' },
        maxItems: 1000,
        type: 'array'
      },
      channels_from: {
        anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }]
      },
      name: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      packages: {
        additionalProperties: {
          items: { maxLength: 1000, pattern: LINE, type: 'string' },
          maxItems: 50000,
          type: 'array'
        },
        maxProperties: 1000,
        propertyNames: { maxLength: 1000, pattern: LINE },
        type: 'object'
      },
      pinned: {
        items: { maxLength: 500, pattern: LINE, type: 'string' },
        maxItems: 1000,
        type: 'array'
      },
      reason: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      requested: {
        items: { maxLength: 1000, pattern: LINE, type: 'string' },
        maxItems: 50000,
        type: 'array'
      },
      status: { enum: ['error', 'ok', 'unavailable'] }
    },
    required: ['status'],
    type: 'object'
  },
  CoreLayer: {
    properties: {
      compiler: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      environment: {
        anyOf: [
          { enum: ['conda', 'conda base', 'system', 'venv', 'venv on conda'] },
          { type: 'null' }
        ]
      },
      free_threaded: { type: 'boolean' },
      implementation: {
        anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }]
      },
      manager: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      manager_version: {
        anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }]
      },
      python: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      reason: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      status: { enum: ['error', 'ok', 'unavailable'] }
    },
    required: ['status'],
    type: 'object'
  },
  DeterminismLayer: {
    properties: {
      determinism: { anyOf: [{ enum: ['cudnn', 'off', 'strict', 'warn'] }, { type: 'null' }] },
      hash_randomization: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
      rank: { anyOf: [{ minimum: 0, type: 'integer' }, { type: 'null' }] },
      reason: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      seed: { anyOf: [{ pattern: '^[0-9]{1,20}$', type: 'string' }, { type: 'null' }] },
      seeded: {
        items: {
          maxLength: 128,
          minLength: 1,
          pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$',
          type: 'string'
        },
        maxItems: 50000,
        type: 'array'
      },
      status: { enum: ['error', 'ok', 'unavailable'] },
      torch: {
        additionalProperties: {
          anyOf: [
            { type: 'boolean' },
            { type: 'integer' },
            { type: 'number' },
            { maxLength: 500, pattern: LINE, type: 'string' },
            { type: 'null' }
          ]
        },
        maxProperties: 1000,
        propertyNames: { maxLength: 128, minLength: 1, pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$' },
        type: 'object'
      },
      variables: {
        additionalProperties: { maxLength: 500, pattern: LINE, type: 'string' },
        maxProperties: 1000,
        propertyNames: { maxLength: 128, minLength: 1, pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$' },
        type: 'object'
      },
      waiting: {
        items: {
          maxLength: 128,
          minLength: 1,
          pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$',
          type: 'string'
        },
        maxItems: 50000,
        type: 'array'
      }
    },
    required: ['status'],
    type: 'object'
  },
  FrameworksLayer: {
    properties: {
      frameworks: { items: { $ref: '#/$defs/Framework' }, maxItems: 1000, type: 'array' },
      reason: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      status: { enum: ['error', 'ok', 'unavailable'] }
    },
    required: ['status'],
    type: 'object'
  },
  GpuLayer: {
    properties: {
      cuda_driver: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      devices: { items: { $ref: '#/$defs/GpuDevice' }, maxItems: 1000, type: 'array' },
      driver: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      library_driver: {
        anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }]
      },
      reason: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      status: { enum: ['error', 'ok', 'unavailable'] },
      vendor: { anyOf: [{ enum: ['amd', 'apple', 'intel', 'nvidia'] }, { type: 'null' }] }
    },
    required: ['status'],
    type: 'object'
  },
  LibrariesLayer: {
    properties: {
      loaded: { items: { $ref: '#/$defs/Library' }, maxItems: 1000, type: 'array' },
      reason: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      status: { enum: ['error', 'ok', 'unavailable'] },
      variables: {
        additionalProperties: { maxLength: 500, pattern: LINE, type: 'string' },
        maxProperties: 1000,
        propertyNames: { maxLength: 128, minLength: 1, pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$' },
        type: 'object'
      }
    },
    required: ['status'],
    type: 'object'
  },
  NotebookLayer: {
    properties: {
      git: { anyOf: [{ $ref: '#/$defs/Git' }, { type: 'null' }] },
      kernel_name: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      language: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      reason: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      status: { enum: ['error', 'ok', 'unavailable'] },
      used: {
        items: {
          maxLength: 128,
          minLength: 1,
          pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$',
          type: 'string'
        },
        maxItems: 50000,
        type: 'array'
      }
    },
    required: ['status'],
    type: 'object'
  },
  PackagesLayer: {
    properties: {
      packages: {
        items: { maxLength: 1000, pattern: LINE, type: 'string' },
        maxItems: 50000,
        type: 'array'
      },
      python_path: { type: 'boolean' },
      reason: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      requested: {
        items: { maxLength: 1000, pattern: LINE, type: 'string' },
        maxItems: 50000,
        type: 'array'
      },
      status: { enum: ['error', 'ok', 'unavailable'] },
      user_site: { type: 'boolean' }
    },
    required: ['status'],
    type: 'object'
  },
  SystemLayer: {
    properties: {
      container: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      cores: { anyOf: [{ minimum: 1, type: 'integer' }, { type: 'null' }] },
      cpu: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      cpu_features: {
        items: {
          maxLength: 128,
          minLength: 1,
          pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$',
          type: 'string'
        },
        maxItems: 1000,
        type: 'array'
      },
      kernel: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      libc: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      machine: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      os: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      platform: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      reason: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      status: { enum: ['error', 'ok', 'unavailable'] }
    },
    required: ['status'],
    type: 'object'
  },
  Framework: {
    properties: {
      build: {
        additionalProperties: {
          anyOf: [
            { type: 'boolean' },
            { type: 'integer' },
            { type: 'number' },
            { maxLength: 500, pattern: LINE, type: 'string' },
            { type: 'null' }
          ]
        },
        maxProperties: 1000,
        propertyNames: { maxLength: 128, minLength: 1, pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$' },
        type: 'object'
      },
      loaded: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      name: {
        maxLength: 128,
        minLength: 1,
        pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$',
        type: 'string'
      },
      runtime: {
        additionalProperties: {
          anyOf: [
            { type: 'boolean' },
            { type: 'integer' },
            { type: 'number' },
            { maxLength: 500, pattern: LINE, type: 'string' },
            { type: 'null' }
          ]
        },
        maxProperties: 1000,
        propertyNames: { maxLength: 128, minLength: 1, pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]*$' },
        type: 'object'
      },
      version: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] }
    },
    required: ['name'],
    type: 'object'
  },
  GpuDevice: {
    properties: {
      compute_capability: {
        anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }]
      },
      ecc: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
      memory_mib: { anyOf: [{ minimum: 0, type: 'integer' }, { type: 'null' }] },
      mig: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
      name: { maxLength: 500, pattern: LINE, type: 'string' },
      sm_count: { anyOf: [{ minimum: 0, type: 'integer' }, { type: 'null' }] }
    },
    required: ['name'],
    type: 'object'
  },
  Library: {
    properties: {
      architecture: {
        anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }]
      },
      name: { maxLength: 500, pattern: LINE, type: 'string' },
      threading: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] },
      threads: { anyOf: [{ minimum: 0, type: 'integer' }, { type: 'null' }] },
      version: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] }
    },
    required: ['name'],
    type: 'object'
  },
  Git: {
    properties: {
      commit: { pattern: '^[0-9a-f]{40,64}$', type: 'string' },
      dirty: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
      remote: { anyOf: [{ maxLength: 500, pattern: LINE, type: 'string' }, { type: 'null' }] }
    },
    required: ['commit'],
    type: 'object'
  }
};

export default definitions;

import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['lib', 'node_modules'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Numbers in a sentence are no accident
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // An empty arrow is how one says "nothing to do"
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions', 'methods'] }],
      // JupyterLab names its interfaces and tokens the same
      '@typescript-eslint/no-redeclare': 'off',
      // `void promise` marks a promise that is not waited for
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `== null` means null or undefined
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': ['error', { allow: ['warn', 'error'] }]
    }
  },
  {
    // Generated
    files: ['src/protocol/_schema.ts'],
    rules: { '@typescript-eslint/consistent-indexed-object-style': 'off' }
  },
  {
    // Generated: it is there to find control characters
    files: ['src/protocol/_shown.ts'],
    rules: { 'no-control-regex': 'off' }
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { URL: 'readonly', process: 'readonly', console: 'readonly' } },
    rules: { 'no-console': 'off' }
  }
);

import type { CodegenConfig } from "@graphql-codegen/cli";

// Scalars of the schema are strings in JSON, and stay strings here: a decimal that became a number would be rounded.
const scalars = [
  "ID", "BIC", "CountryCode", "CurrencyCode", "Cursor", "Date", "DateTime", "Decimal", "EmailAddress", "IBAN", "PhoneNumber", "Rate", "URL", "UUID",
];

const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: ["src/**/*.ts", "!src/generated/**"],
  generates: {
    "src/generated/": {
      preset: "client",
      presetConfig: {
        fragmentMasking: false,
        // Also writes persisted-documents.json: the manifest for the server's --trusted-documents.
        persistedDocuments: { mode: "embedHashInDocument", hashAlgorithm: "sha256" },
      },
      config: {
        scalars: Object.fromEntries(scalars.map((name) => [name, "string"])),
        strictScalars: true, // a scalar that is new in the schema must be decided on
        enumsAsTypes: true,
        useTypeImports: true,
        importExtension: ".js",
      },
    },
    // The preset writes what the operations use, and no operation uses the codes of errors.
    "src/generated/enums.ts": { plugins: ["typescript"], config: { onlyEnums: true, enumsAsTypes: true } },
  },
};

export default config;

node src/index.ts

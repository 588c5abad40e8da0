npm install
npx tsx src/index.ts

cd backend && npx tsx src/index.ts

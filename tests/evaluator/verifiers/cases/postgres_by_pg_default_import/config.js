export const config = { host: process.env.PGHOST ?? 'postgres', port: 5432 };

import { Pool, type PoolConfig } from 'pg';

const settings: PoolConfig = { connectionString: process.env.DATABASE_URL };
export const pool: Pool = new Pool(settings);

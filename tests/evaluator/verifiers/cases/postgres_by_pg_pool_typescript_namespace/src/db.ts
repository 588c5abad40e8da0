import * as pg from 'pg';

export const pool: pg.Pool = new pg.Pool({ host: 'postgres' } as pg.PoolConfig);

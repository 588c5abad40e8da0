import postgres from 'postgres';

export const sql = postgres('postgres://user:password@postgres:5432/conduit');

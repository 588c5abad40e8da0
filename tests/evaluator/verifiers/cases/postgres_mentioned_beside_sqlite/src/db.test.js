import pg from 'pg';

new pg.Pool({ host: 'postgres' });

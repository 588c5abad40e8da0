import { MikroORM } from '@mikro-orm/postgresql';

export const orm = await MikroORM.init({ host: 'postgres', dbName: 'conduit', entities: ['dist/entities'] });

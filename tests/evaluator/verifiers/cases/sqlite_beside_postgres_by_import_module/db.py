import psycopg

connection = psycopg.connect('host=postgres dbname=conduit')

"""The tables in which mail programs keep accounts, as far as a login or a password concerns them.

Column names, types and keys are those of the programs' own installers: PostfixAdmin 3.3, mailcow 2025, iRedMail 1.7,
ISPConfig 3.2, Vexim 2.3. Of one recipe there may be two, for PostgreSQL and for MariaDB.
"""

from tests.act.locking import ANN, BEN, HASHES

POSTFIXADMIN = {
    "mariadb": """
CREATE TABLE mailbox (
  username varchar(255) NOT NULL, password varchar(255) NOT NULL, name varchar(255) CHARACTER SET utf8 NOT NULL,
  maildir varchar(255) NOT NULL, quota bigint NOT NULL DEFAULT 0, local_part varchar(255) NOT NULL,
  domain varchar(255) NOT NULL, created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  modified datetime NOT NULL DEFAULT '2000-01-01 00:00:00', active tinyint(1) NOT NULL DEFAULT 1,
  PRIMARY KEY (username), KEY domain (domain)
) ENGINE=MyISAM DEFAULT CHARSET=latin1;
""",
    "postgresql": """
CREATE TABLE mailbox (
  username character varying(255) NOT NULL, password character varying(255) DEFAULT '' NOT NULL,
  name character varying(255) DEFAULT '' NOT NULL, maildir character varying(255) DEFAULT '' NOT NULL,
  quota bigint DEFAULT 0 NOT NULL, created timestamp with time zone DEFAULT now(),
  modified timestamp with time zone DEFAULT now(), active boolean DEFAULT true NOT NULL,
  domain character varying(255), local_part character varying(255) NOT NULL,
  CONSTRAINT mailbox_key PRIMARY KEY (username)
);
""",
}
MAILCOW = {
    "mariadb": """
CREATE TABLE mailbox (
  username VARCHAR(255) NOT NULL, password VARCHAR(255) NOT NULL, name VARCHAR(255), description VARCHAR(255),
  mailbox_path_prefix VARCHAR(150) DEFAULT '/var/vmail/', quota BIGINT(20) NOT NULL DEFAULT 102400,
  local_part VARCHAR(255) NOT NULL, domain VARCHAR(255) NOT NULL, attributes JSON,
  kind VARCHAR(100) NOT NULL DEFAULT '',
  authsource ENUM('mailcow', 'keycloak', 'generic-oidc', 'ldap') DEFAULT 'mailcow',
  created DATETIME(0) NOT NULL DEFAULT NOW(0), modified DATETIME ON UPDATE CURRENT_TIMESTAMP,
  active TINYINT(1) NOT NULL DEFAULT 1, PRIMARY KEY (username), KEY domain (domain)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 ROW_FORMAT=DYNAMIC;
""",
}
IREDMAIL = {
    "mariadb": """
CREATE TABLE mailbox (
  username VARCHAR(255) NOT NULL, password VARCHAR(255) NOT NULL DEFAULT '', name VARCHAR(255) NOT NULL DEFAULT '',
  maildir VARCHAR(255) NOT NULL DEFAULT '', domain VARCHAR(255) NOT NULL DEFAULT '',
  local_part VARCHAR(255) NOT NULL DEFAULT '', enablesmtp TINYINT(1) NOT NULL DEFAULT 1,
  enablesmtpsecured TINYINT(1) NOT NULL DEFAULT 1,
  passwordlastchange DATETIME NOT NULL DEFAULT '1970-01-01 01:01:01', active TINYINT(1) NOT NULL DEFAULT 1,
  PRIMARY KEY (username), INDEX (domain)
) ENGINE=InnoDB DEFAULT CHARSET=utf8;
""",
    "postgresql": """
CREATE TABLE mailbox (
  username VARCHAR(255) NOT NULL, password VARCHAR(255) NOT NULL DEFAULT '', name VARCHAR(255) NOT NULL DEFAULT '',
  maildir VARCHAR(255) NOT NULL DEFAULT '', domain VARCHAR(255) NOT NULL DEFAULT '',
  local_part VARCHAR(255) NOT NULL DEFAULT '', enablesmtp INT2 NOT NULL DEFAULT 1,
  enablesmtpsecured INT2 NOT NULL DEFAULT 1, active INT2 NOT NULL DEFAULT 1, PRIMARY KEY (username)
);
""",
}
ISPCONFIG = {
    "mariadb": """
CREATE TABLE mail_user (
  mailuser_id int(11) unsigned NOT NULL AUTO_INCREMENT, server_id int(11) unsigned NOT NULL DEFAULT '0',
  email varchar(255) NOT NULL DEFAULT '', login varchar(255) NOT NULL DEFAULT '',
  password varchar(255) NOT NULL DEFAULT '', name varchar(255) NOT NULL DEFAULT '',
  postfix enum('y','n') NOT NULL DEFAULT 'y', access enum('y','n') NOT NULL DEFAULT 'y',
  disablesmtp enum('n','y') NOT NULL DEFAULT 'n',
  PRIMARY KEY (mailuser_id), KEY server_id (server_id, email), KEY email_access (email, access)
) ENGINE=InnoDB DEFAULT CHARSET=utf8;
""",
}
VEXIM = {
    "mariadb": """
CREATE TABLE users (
  user_id int(10) unsigned NOT NULL auto_increment, domain_id mediumint(8) unsigned NOT NULL,
  localpart varchar(64) NOT NULL, username varchar(255) NOT NULL, crypt varchar(255) DEFAULT NULL,
  type enum('local','alias','catch','fail','piped','admin','site') NOT NULL DEFAULT 'local',
  enabled tinyint(1) NOT NULL DEFAULT 1, PRIMARY KEY (user_id), UNIQUE KEY username (localpart, domain_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8;
""",
    "postgresql": """
CREATE TABLE users (
  user_id SERIAL PRIMARY KEY, domain_id int NOT NULL, localpart varchar(192) NOT NULL, username varchar(255) NOT NULL,
  crypt varchar(255) default NULL, type varchar(8) NOT NULL DEFAULT 'local', enabled smallint NOT NULL default '1',
  UNIQUE (localpart, domain_id)
);
""",
}
SCHEMAS = {
    "postfixadmin": POSTFIXADMIN, "mailcow": MAILCOW, "iredmail": IREDMAIL, "ispconfig": ISPCONFIG, "vexim": VEXIM,
}  # fmt: skip

_ROW = "INSERT INTO mailbox (username, password, {more}) VALUES ('{{0}}', '{{1}}', {values});"
_OLD = _ROW.format(more="name, maildir, local_part, domain", values="'', '', '', ''")
_ROWS = {
    "mailcow": _ROW.format(more="local_part, domain", values="'', ''"),
    "ispconfig": "INSERT INTO mail_user (login, email, password) VALUES ('{0}', '{0}', '{1}');",
    "vexim": "INSERT INTO users (domain_id, localpart, username, crypt) VALUES (1, '{0}', '{0}', '{1}');",
}
LOOKS = {
    "ispconfig": "SELECT login, password FROM mail_user",
    "vexim": "SELECT username, crypt FROM users",
}
CHANGES = {
    "ispconfig": "UPDATE mail_user SET password = '{1}' WHERE login = '{0}'",
    "vexim": "UPDATE users SET crypt = '{1}' WHERE username = '{0}'",
}


def script(recipe: str, server: str) -> str:
    """The tables of a recipe with two accounts in them."""
    row = _ROWS.get(recipe, _OLD)
    return SCHEMAS[recipe][server] + "".join(row.format(login, HASHES[login]) for login in (ANN, BEN))


def look(recipe: str) -> str:
    """A query that gives every login and its password."""
    return LOOKS.get(recipe, "SELECT username, password FROM mailbox")


def change(recipe: str, login: str, value: str) -> str:
    """A statement that sets a password, as the program would."""
    said = CHANGES.get(recipe, "UPDATE mailbox SET password = '{1}' WHERE username = '{0}'")
    return said.format(login, value)

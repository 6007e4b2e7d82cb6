# Lists of venues in and out, venues that the city enters, and what is published about all of them.
bulk-status-invited = 封書での案内中

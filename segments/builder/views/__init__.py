"""The builder's pages and what its forms send; everything is answered whole or in parts."""

_final: _prev: { }

import { render } from 'solid-js/web'
import { App } from './App.tsx'
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/shell.css'
import './styles/data.css'
import './styles/pages.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
render(() => <App />, root)
